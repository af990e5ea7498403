// What a browser has to fetch before it shows the first view, compressed as the server sends it.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const FOLDER = new URL('../dist/app/', import.meta.url);
/** In bytes of gzip. */
const SCRIPTS_MAX = 190 * 1024;
const STYLES_MAX = 16 * 1024;
const ALL_MAX = 1536 * 1024;

const size = (path) => gzipSync(readFileSync(new URL(path, FOLDER)), { level: 9 }).length;
const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(FOLDER.pathname.length).replace(/^\/+/, ''));

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', FOLDER), 'utf8'));
const first = new Set();
const walk = (key) => {
  const chunk = manifest[key];
  if (!chunk || first.has(chunk.file)) return;
  first.add(chunk.file);
  (chunk.css ?? []).forEach((file) => first.add(file));
  (chunk.imports ?? []).forEach(walk);
};
// The first view is the list of works.
['index.html', 'src/views/works/Works.tsx'].forEach(walk);

const sum = (ending) => [...first].filter((file) => file.endsWith(ending)).reduce((total, file) => total + size(file), 0);
const [scripts, styles] = [sum('.js'), sum('.css')];
const all = files.reduce((total, file) => total + size(file), 0);
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
console.log(`first view: ${kb(scripts)} of scripts, ${kb(styles)} of styles; all files: ${kb(all)}`);
const over = [
  scripts > SCRIPTS_MAX && `the scripts of the first view are larger than ${kb(SCRIPTS_MAX)}`,
  styles > STYLES_MAX && `the styles are larger than ${kb(STYLES_MAX)}`,
  all > ALL_MAX && `all files together are larger than ${kb(ALL_MAX)}`,
].filter(Boolean);
if (over.length > 0) {
  console.error(over.join('; '));
  process.exit(1);
}
