//! Makes the table of emojis. The library's own has a megabyte with the names and groups of all of
//! them; reactions need to know what is an emoji, and the short names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// The character that asks for the picture rather than the text.
const PICTURE: char = '\u{fe0f}';

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut table = BTreeMap::new();
    for emoji in emojis::iter() {
        let tones: Vec<_> = emoji.skin_tones().into_iter().flatten().collect();
        for one in std::iter::once(emoji).chain(tones) {
            let plain: String = one.as_str().chars().filter(|c| *c != PICTURE).collect();
            table.insert(points(&plain), points(one.as_str()));
        }
    }
    for emoji in emojis::iter() {
        for name in emoji.shortcodes() {
            table.insert(name.to_owned(), points(emoji.as_str()));
        }
    }
    let mut text = String::from("\n");
    for (key, points) in table {
        let points = if points == key { "" } else { points.as_str() };
        let _ = writeln!(text, "{key} {points}");
    }
    let folder = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?;
    fs::write(Path::new(&folder).join("emojis.txt"), text)
}

/// `1f468-1f3fb`.
fn points(emoji: &str) -> String {
    let points: Vec<_> = emoji.chars().map(|c| format!("{:x}", u32::from(c))).collect();
    points.join("-")
}
