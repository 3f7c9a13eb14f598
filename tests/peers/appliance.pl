#!/usr/bin/perl
# Net::Appliance::Session as its manual uses it. Arguments: port, user,
# password, secret. Prints what each command gave.
use strict;
use warnings;
use Net::Appliance::Session;

my ($port, $user, $password, $secret) = @ARGV;
my $session = Net::Appliance::Session->new({
    personality => 'ios',
    transport => 'SSH',
    host => '127.0.0.1',
    connect_options => { opts => [
        '-p', $port, '-o', 'StrictHostKeyChecking=no',
        '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR',
    ]},
});
$session->connect({ username => $user, password => $password });
print "user: ", $session->cmd('show privilege');
$session->begin_privileged({ password => $secret });
print "privileged: ", $session->cmd('show privilege');
$session->begin_configure;
$session->cmd('hostname Appliance');
$session->cmd("access-list 8 permit 192.0.2.8");
$session->end_configure;
my @lines = $session->cmd('show running-config');
print "lines: ", scalar(@lines), "\n", grep { /^(hostname|access-list)/ }
    @lines;
print "again: ", $session->cmd('show privilege');
$session->end_privileged;
print "left: ", $session->cmd('show privilege');
$session->close;
print "closed\n";
