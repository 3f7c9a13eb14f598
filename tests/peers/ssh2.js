// A conversation with npm's ssh2: node ssh2.js PORT {exec|shell} [legacy]
'use strict';
const { Client } = require('ssh2');

const [port, kind, legacy] = process.argv.slice(2);
const algorithms = legacy && {
  kex: ['diffie-hellman-group1-sha1'],
  cipher: ['3des-cbc'],
  hmac: ['hmac-md5'],
  serverHostKey: ['ssh-rsa'],
};
const client = new Client();

function finish(stream) {
  let out = '';
  stream.on('data', (data) => { out += data; });
  stream.on('close', (status) => {
    process.stdout.write(out);
    client.end();
    process.exitCode = status === undefined ? 99 : status;
  });
}

client.on('ready', () => {
  if (kind === 'exec') {
    client.exec('show ip ssh', (err, stream) => {
      if (err) throw err;
      finish(stream);
    });
    return;
  }
  client.shell((err, stream) => {
    if (err) throw err;
    finish(stream);
    stream.write('show privilege\nexit\n');
  });
});
client.on('error', (err) => {
  console.error(err.message);
  process.exitCode = 98;
});
client.connect({
  host: '127.0.0.1', port: Number(port), username: 'lab', password: 'lab',
  ...(algorithms && { algorithms }),
});
