//! The web UI as files inside the program: what `make web` built of the folder `web`. A program
//! that was built without it has none of them.

/// A file of the UI.
#[derive(Debug)]
pub struct File {
    /// Its path below the root of the server, such as `assets/app-8f3c.js`.
    pub path: &'static str,
    /// Differs whenever the contents differ.
    pub tag: &'static str,
    /// The contents, compressed by gzip.
    pub packed: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The file with this path.
pub fn file(path: &str) -> Option<&'static File> {
    let found = FILES.binary_search_by(|file| file.path.cmp(path));
    found.ok().and_then(|at| FILES.get(at))
}

/// The page that all views are shown in; `None` in a program without UI.
pub fn page() -> Option<&'static File> {
    file("index.html")
}

impl File {
    /// The media type, from the ending of the path.
    pub fn media_type(&self) -> &'static str {
        match self.path.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("woff2") => "font/woff2",
            Some("webmanifest") => "application/manifest+json",
            _ => "application/octet-stream",
        }
    }
}
