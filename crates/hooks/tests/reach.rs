//! What is reached, and what is not, whatever address somebody writes and whatever names become;
//! and what becomes of requests to receivers that misbehave.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use worksmith_hooks::{
    Answer, Client, Fault, Guard, Lookup, Names, Secrets, Sender as _, Sent, Signed, Target,
};

const LIMIT: Duration = Duration::from_millis(400);

/// Names whose addresses the test chooses; several look-ups of one yield several of them.
#[derive(Default)]
struct TestNames {
    known: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    asked: AtomicUsize,
}

impl TestNames {
    fn with(self, name: &str, answers: &[&[&str]]) -> Self {
        let address = |text: &&str| text.parse().expect("an address");
        let answers = answers.iter().map(|all| all.iter().map(address).collect()).collect();
        self.known.lock().unwrap().insert(name.to_owned(), answers);
        self
    }
}

impl Names for TestNames {
    fn lookup<'a>(&'a self, host: &'a str) -> Lookup<'a> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut known = self.known.lock().unwrap();
        let answers = known.get_mut(host);
        let answer = answers.map(|all| if all.len() > 1 { all.remove(0) } else { all[0].clone() });
        let answer = answer.ok_or_else(|| io::Error::other("no such name"));
        Box::pin(std::future::ready(answer))
    }
}

fn client(guard: Guard, names: TestNames) -> Client {
    Client::with_names(guard, LIMIT, Arc::new(names)).expect("a client")
}

fn request(url: &str) -> Signed {
    let target = Target::parse(url).expect(url);
    let secrets = Secrets { current: "c2VjcmV0c2VjcmV0", old: None };
    let further = [("X-Own".to_owned(), "1".to_owned())];
    Signed::new(target, secrets, ("msg", 1), "{\"a\":1}".to_owned(), &further)
}

async fn send(client: &Client, url: &str) -> Result<Answer, Fault> {
    let Sent { outcome, ms } = client.send(&request(url)).await;
    assert!(ms < 2 * 400, "{url} took {ms} ms");
    outcome
}

/// A receiver in this process that counts who connects.
struct Receiver {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Receiver {
    /// Each connection is served by `serve`.
    async fn start<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream));
            }
        });
        Self { address, connections }
    }

    /// One that answers each request with these bytes.
    async fn answering(answer: &'static str) -> Self {
        Self::start(move |mut stream| async move {
            while read(&mut stream).await.is_some() {
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        })
        .await
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.address.port())
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// The head and the body of the next request.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 1024];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        if text.contains("\r\n\r\n") && text.ends_with("{\"a\":1}") {
            return Some(text.into_owned());
        }
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

fn own() -> Guard {
    Guard::new(vec!["127.0.0.0/8".parse().expect("a network")])
}

/// Spellings of inner addresses.
const INNER: [&str; 66] = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "0177.1",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "127.0.0.%31",
    "127\u{3002}0\u{3002}0\u{3002}1",
    "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
    "0",
    "0.0.0.0",
    "0x0",
    "00",
    "0.1.2.3",
    "10.0.0.1",
    "0xa.0.0.1",
    "167772161",
    "012.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "0xc0a80001",
    "3232235521",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "100.64.0.1",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "4294967295",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[::FFFF:169.254.169.254]",
    "[::ffff:10.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[febf::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
];

#[tokio::test]
async fn no_spelling_of_an_inner_address_is_reached() {
    let receiver = Receiver::answering(OK).await;
    let port = receiver.address.port();
    let client = client(Guard::default(), TestNames::default());
    for host in INNER {
        for url in [format!("http://{host}:{port}/"), format!("https://{host}:{port}/")] {
            let outcome = send(&client, &url).await;
            assert!(matches!(outcome, Err(Fault::Refused(_))), "{url}: {outcome:?}");
        }
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn no_name_leads_to_an_inner_address() {
    let receiver = Receiver::answering(OK).await;
    let port = receiver.address.port();
    let names = TestNames::default()
        .with("localhost", &[&["127.0.0.1", "::1"]])
        .with("inner.example", &[&["10.0.0.1"]])
        .with("metadata.google.internal", &[&["169.254.169.254"]])
        .with("mapped.example", &[&["::ffff:127.0.0.1"]])
        .with("six.example", &[&["fe80::1", "fd00::1"]])
        .with("127.0.0.1.nip.example", &[&["127.0.0.1"]]);
    let client = client(Guard::default(), names);
    for host in [
        "localhost",
        "LOCALHOST",
        "inner.example",
        "metadata.google.internal",
        "mapped.example",
        "six.example",
        "127.0.0.1.nip.example",
    ] {
        let outcome = send(&client, &format!("http://{host}:{port}/")).await;
        let Err(Fault::Refused(why)) = outcome else { panic!("{host}: {outcome:?}") };
        assert!(why.ends_with("address, which is not reached"), "{why}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_name_that_changes_between_check_and_connection_gains_nothing() {
    let receiver = Receiver::answering(OK).await;
    let port = receiver.address.port();
    // TEST-NET answers nobody, and counts as good here. The second look-up would lead inside.
    let names = TestNames::default()
        .with("flip.example", &[&["203.0.113.7"], &["127.0.0.1"], &["203.0.113.7"]])
        .with("both.example", &[&["127.0.0.1", "203.0.113.7"]]);
    let client = client(Guard::new(vec!["203.0.113.0/24".parse().unwrap()]), names);
    // The first is connected to, in vain; the second is refused.
    let first = send(&client, &format!("http://flip.example:{port}/")).await;
    assert!(matches!(first, Err(Fault::TimedOut(_) | Fault::Failed(_))), "{first:?}");
    let second = send(&client, &format!("http://flip.example:{port}/")).await;
    assert!(matches!(second, Err(Fault::Refused(_))), "{second:?}");
    // Of several addresses only the good ones are tried.
    let both = send(&client, &format!("http://both.example:{port}/")).await;
    assert!(matches!(both, Err(Fault::TimedOut(_) | Fault::Failed(_))), "{both:?}");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_request_is_one_post_with_all_headers() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let receiver = Receiver::start(move |mut stream| {
        let noted = Arc::clone(&noted);
        async move {
            while let Some(text) = read(&mut stream).await {
                noted.lock().unwrap().push(text);
                let _ = stream.write_all(OK.as_bytes()).await;
            }
        }
    })
    .await;
    let client = client(own(), TestNames::default().with("a.example", &[&["127.0.0.1"]]));
    let url = format!("http://a.example:{}/hook?x=1", receiver.address.port());
    let answer = send(&client, &url).await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "hi"));
    assert_eq!(send(&client, &url).await.unwrap(), answer);
    let seen = seen.lock().unwrap();
    let head = seen[0].to_ascii_lowercase();
    assert!(head.starts_with("post /hook?x=1 http/1.1\r\n"), "{head}");
    for header in [
        format!("host: a.example:{}", receiver.address.port()),
        "content-type: application/json".to_owned(),
        "content-length: 7".to_owned(),
        "x-devrev-signature: ".to_owned(),
        "webhook-id: msg".to_owned(),
        "webhook-timestamp: 1".to_owned(),
        "webhook-signature: v1,".to_owned(),
        "x-own: 1".to_owned(),
    ] {
        assert_eq!(head.matches(&format!("\r\n{header}")).count(), 1, "{header}: {head}");
    }
    // The connection is used again.
    assert_eq!((seen.len(), receiver.connections()), (2, 1));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_nobody_goes_there() {
    let inner = Receiver::answering(OK).await;
    let to = format!("http://127.0.0.1:{}/", inner.address.port());
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} X\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        let receiver = Receiver::answering(Box::leak(head.into_boxed_str())).await;
        let answer = send(&client(own(), TestNames::default()), &receiver.url()).await.unwrap();
        assert_eq!((answer.status, answer.location.as_ref()), (status, Some(&to)));
    }
    assert_eq!(inner.connections(), 0);
}

#[tokio::test]
async fn who_hangs_trickles_or_resets_takes_no_longer_than_the_limit() {
    let hanging = Receiver::start(|mut stream| async move {
        read(&mut stream).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    let trickling_head = Receiver::start(|mut stream| async move {
        read(&mut stream).await;
        for byte in OK.as_bytes() {
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let resetting = Receiver::start(|stream| async move { drop(stream) }).await;
    let babbling = Receiver::answering("what?\r\n\r\n").await;
    let client = client(own(), TestNames::default());
    for receiver in [&hanging, &trickling_head] {
        let outcome = send(&client, &receiver.url()).await;
        assert_eq!(outcome, Err(Fault::TimedOut(LIMIT)));
    }
    for receiver in [&resetting, &babbling] {
        let outcome = send(&client, &receiver.url()).await;
        assert!(matches!(outcome, Err(Fault::Failed(_))), "{outcome:?}");
    }
    let dead = send(&client, "http://127.0.0.1:9/").await;
    let Err(Fault::Failed(why)) = dead else { panic!("{dead:?}") };
    assert!(why.starts_with("no connection: "), "{why}");
    let nobody = send(&client, "http://nobody.example/").await;
    assert_eq!(nobody, Err(Fault::Failed("no connection: no such name".to_owned())));
}

#[tokio::test]
async fn of_a_body_that_trickles_or_never_ends_the_beginning_is_taken_in_time() {
    let trickling = Receiver::start(|mut stream| async move {
        read(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nab").await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    let endless = Receiver::start(|mut stream| async move {
        read(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&b"x".repeat(65_536)).await.is_ok() {}
    })
    .await;
    let client = client(own(), TestNames::default());
    let answer = send(&client, &trickling.url()).await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "ab"));
    let begin = Instant::now();
    let answer = send(&client, &endless.url()).await.unwrap();
    assert_eq!((answer.status, answer.body), (200, "x".repeat(4_096)));
    assert!(begin.elapsed() < LIMIT);
}

#[tokio::test]
async fn a_compressed_answer_stays_as_it_is() {
    // Whoever unpacks what strangers send can be made to unpack a lot.
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi";
    let receiver = Receiver::answering(head).await;
    let answer = send(&client(own(), TestNames::default()), &receiver.url()).await.unwrap();
    assert_eq!(answer.body, "hi");
}
