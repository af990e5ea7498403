// Runs the tests in a browser, file by file; names of files select some. A file that fails is run once more, since a
// browser on a busy machine can take longer than any limit; what fails twice has failed.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const folder = new URL('../test/e2e/', import.meta.url).pathname;
const names = process.argv.slice(2).map((name) => basename(name, '.mjs'));
const files = readdirSync(folder).filter((name) => name.endsWith('.mjs') && name !== 'harness.mjs')
  .filter((name) => names.length === 0 || names.includes(basename(name, '.mjs')));

const passes = (file) => spawnSync(process.execPath, ['--test', '--test-reporter=spec', join(folder, file)], { stdio: 'inherit' }).status === 0;

const again = files.filter((file) => !passes(file));
const failed = again.filter((file) => {
  console.log(`\n${file} once more:`);
  return !passes(file);
});
const known = again.filter((file) => !failed.includes(file));
console.log(`\n${files.length} files of tests in a browser: ${files.length - failed.length} pass`);
if (known.length > 0) console.log(`only at the second time: ${known.join(', ')}`);
if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
process.exit(failed.length > 0 || files.length === 0 ? 1 : 0);
