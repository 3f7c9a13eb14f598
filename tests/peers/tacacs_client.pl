#!/usr/bin/perl
# Authen::TacacsPlus as its manual uses it. Arguments: port, key, user,
# password, "ascii" or "pap". Prints what came of it.
use strict;
use warnings;
use Authen::TacacsPlus;

my ($port, $key, $user, $password, $type) = @ARGV;
my $client = Authen::TacacsPlus->new(
    Host => '127.0.0.1', Port => $port, Key => $key, Timeout => 15);
if (!$client) {
    print "error: ", Authen::TacacsPlus::errmsg(), "\n";
    exit 0;
}
my $number = $type eq 'pap'
    ? &Authen::TacacsPlus::TAC_PLUS_AUTHEN_TYPE_PAP
    : &Authen::TacacsPlus::TAC_PLUS_AUTHEN_TYPE_ASCII;
my $granted = $client->authen($user, $password, $number);
print $granted ? "granted\n"
    : "refused: " . (Authen::TacacsPlus::errmsg() // '') . "\n";
$client->close();
