//! A mail server that tests start: `tests/clients/smtp`, made of a package from npm. And what it
//! has taken.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mail_parser::{HeaderValue, MessageParser};
use serde_json::Value;
use tempfile::TempDir;

/// How long tests wait for mail, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A mail server; it ends with the test.
pub struct MailServer {
    child: Child,
    _stdin: ChildStdin,
    /// Its address for `--smtp`, in clear text.
    pub url: String,
    /// The port on this machine.
    pub port: u64,
    folder: TempDir,
    said: Arc<Mutex<Vec<Value>>>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A message that a mail server has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// It is as it came.
    pub raw: String,
    /// The address of whom it is to.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// Its id, without the angle brackets, and so are the others.
    pub message_id: String,
    /// The id of the message that it is an answer to.
    pub in_reply_to: Vec<String>,
    /// The ids of the messages before it in its thread.
    pub references: Vec<String>,
    /// The plain text.
    pub text: String,
    /// The page.
    pub html: String,
}

impl MailServer {
    /// Starts one; see the options of `server.mjs`. `None`, with a message, where it is not
    /// installed and nobody promised that it is.
    pub fn start(options: &[&str]) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/smtp");
        if !script.join("node_modules/smtp-server").is_dir() {
            let promised = std::env::var("WORKSMITH_FOREIGN").unwrap_or_default();
            let why = "the mail server is not installed; run scripts/test.sh";
            assert!(!promised.split_whitespace().any(|each| each == "smtp"), "{why}");
            eprintln!("skipped: {why}");
            return None;
        }
        let folder = TempDir::new().expect("a temporary folder");
        let mut child = Command::new("node")
            .arg(script.join("server.mjs"))
            .arg(folder.path())
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let stdin = child.stdin.take().expect("a pipe");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line).expect("an event");
                heard.lock().unwrap_or_else(PoisonError::into_inner).push(event);
            }
        });
        let mut server = Self { child, _stdin: stdin, url: String::new(), port: 0, folder, said };
        server.port = server.wait_for(|server| server.events().first()?["port"].as_u64());
        server.url = format!("smtp://127.0.0.1:{}?tls=never", server.port);
        Some(server)
    }

    /// What it said has happened.
    pub fn events(&self) -> Vec<Value> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The messages that it has taken, in their order.
    pub fn mail(&self) -> Vec<Mail> {
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
        paths.sort();
        paths.iter().map(|path| Mail::read(&std::fs::read(path).expect("a message"))).collect()
    }

    /// Waits for something.
    #[track_caller]
    pub fn wait_for<T>(&self, is_so: impl Fn(&Self) -> Option<T>) -> T {
        let begin = Instant::now();
        loop {
            if let Some(found) = is_so(self) {
                return found;
            }
            assert!(begin.elapsed() < LIMIT, "{:?}", self.events());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let list = value.as_text_list().unwrap_or_default();
    list.iter().map(ToString::to_string).collect()
}

impl Mail {
    fn read(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).expect("a message");
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
        Self {
            raw: String::from_utf8(raw.to_vec()).expect("a text"),
            to: to.expect("an address").to_owned(),
            subject: message.subject().expect("a subject").to_owned(),
            message_id: message.message_id().expect("an id").to_owned(),
            in_reply_to: ids(message.in_reply_to()),
            references: ids(message.references()),
            text: message.body_text(0).expect("a text").into_owned(),
            html: message.body_html(0).expect("a page").into_owned(),
        }
    }

    /// The text of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (head, _) = self.raw.split_once("\r\n\r\n")?;
        let own = |line: &&str| line.split_once(':').is_some_and(|(each, _)| each == name);
        head.split("\r\n").find(own).and_then(|line| line.split_once(": ")).map(|(_, text)| text)
    }

    /// The path of the page on which the reader says that they want no more.
    pub fn unsubscribe(&self) -> String {
        let link = self.header("List-Unsubscribe").expect("a link");
        let link = link.trim_matches(['<', '>']);
        let (_, rest) = link.split_once("://").expect("an address");
        rest.split_once('/').expect("a path").1.to_owned()
    }
}
