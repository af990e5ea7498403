// A mail server for tests: it keeps each message that it takes as a file, and says what happens in
// lines of JSON on standard output. The first one has its port.
//
//   node server.mjs FOLDER [OPTION...]
//
//   --refuse TEXT   refuses addresses with TEXT in them for good
//   --busy COUNT    is too busy for the first COUNT messages
//   --slow MS       waits so long before it answers to a message that it has kept
//   --login         wants the user "tracker" with the password "p:w@rd"
//   --tls FOLDER    is encrypted from the first byte on, by cert.pem and key.pem in FOLDER
//   --starttls FOLDER  offers STARTTLS, with the same

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

const [folder, ...options] = process.argv.slice(2);
const value = (name) => {
  const at = options.indexOf(name);
  return at < 0 ? undefined : options[at + 1];
};
const refused = value('--refuse');
let busy = Number(value('--busy') ?? 0);
const slow = Number(value('--slow') ?? 0);
const login = options.includes('--login');
const secure = options.includes('--tls');
const certificates = value('--tls') ?? value('--starttls');
const pem = (name) => readFileSync(join(certificates, name));
const disabled = [];
if (!login) disabled.push('AUTH');
if (certificates === undefined) disabled.push('STARTTLS');

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const failure = (code, message) => Object.assign(new Error(message), { responseCode: code });
let taken = 0;

const server = new SMTPServer({
  authOptional: !login,
  allowInsecureAuth: true,
  disabledCommands: disabled,
  secure,
  ...(certificates === undefined ? {} : { cert: pem('cert.pem'), key: pem('key.pem') }),
  logger: false,
  onAuth({ username, password }, _session, done) {
    const known = username === 'tracker' && password === 'p:w@rd';
    say({ event: 'login', known });
    done(known ? null : failure(535, 'unknown'), known ? { user: username } : undefined);
  },
  onRcptTo({ address }, _session, done) {
    const no = refused !== undefined && address.includes(refused);
    if (no) say({ event: 'refused', address });
    done(no ? failure(550, 'no such mailbox') : null);
  },
  onData(stream, session, done) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      if (busy > 0) {
        busy -= 1;
        say({ event: 'busy' });
        return done(failure(451, 'too busy'));
      }
      taken += 1;
      const name = join(folder, `${String(taken).padStart(4, '0')}.eml`);
      writeFileSync(`${name}.part`, Buffer.concat(chunks));
      renameSync(`${name}.part`, name);
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const encrypted = session.secure;
      say({ event: 'taken', from: session.envelope.mailFrom.address, to, encrypted });
      setTimeout(done, slow);
    });
  },
});

server.on('error', (error) => say({ event: 'error', message: error.message }));
server.listen(0, '127.0.0.1', () => {
  say({ event: 'listening', port: server.server.address().port });
});
// The server ends with whoever started it.
process.stdin.on('end', () => process.exit(0)).resume();
