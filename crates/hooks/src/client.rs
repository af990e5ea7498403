//! Sending. Names are resolved here, and the addresses that the guard has let through are those
//! that a connection is made to: there is no second look that could yield others. Redirects are
//! answers like any other. No proxy is used, as it would resolve names itself.

use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Method, Request, Response};
use tokio::time::{Instant, timeout_at};

use crate::guard::{Guard, Refused};
use crate::sign::Signed;

/// How much of an answer is read, in bytes.
const ANSWER_MAX: usize = 4_096;
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(30);
/// How many unused connections to a receiver are kept.
const IDLE_MAX: usize = 4;

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// `Location`, as it came.
    pub location: Option<String>,
    /// The beginning of the body.
    pub body: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The address must not be reached.
    Refused(String),
    /// There was no answer in time.
    TimedOut(Duration),
    /// No connection, or it broke.
    Failed(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::TimedOut(limit) => write!(f, "no answer within {} s", limit.as_secs_f64()),
            Self::Failed(cause) => f.write_str(cause),
        }
    }
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The answer, or why there is none.
    pub outcome: Result<Answer, Fault>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// The future of a request that is being sent.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Sent> + Send + 'a>>;

/// Sends requests.
pub trait Sender: Send + Sync {
    /// Sends a request, and returns within [`Sender::limit`].
    fn send<'a>(&'a self, request: &'a Signed) -> Sending<'a>;

    /// How long a request may take.
    fn limit(&self) -> Duration;
}

/// The future of a look-up.
pub type Lookup<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Resolves names.
pub trait Names: Send + Sync {
    /// The addresses of a host.
    fn lookup<'a>(&'a self, host: &'a str) -> Lookup<'a>;
}

/// The names of the system.
#[derive(Clone, Copy, Debug)]
pub struct SystemNames;

impl Names for SystemNames {
    fn lookup<'a>(&'a self, host: &'a str) -> Lookup<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Resolves names to addresses that may be reached.
struct Guarded {
    guard: Guard,
    names: Arc<dyn Names>,
}

/// The refusal of a name.
#[derive(Debug)]
struct NameRefused(String);

impl fmt::Display for NameRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NameRefused {}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, names) = (self.guard.clone(), Arc::clone(&self.names));
        Box::pin(async move {
            let host = name.as_str();
            let (mut good, mut refused) = (Vec::new(), None);
            for address in names.lookup(host).await? {
                match guard.check(address) {
                    Ok(()) => good.push(SocketAddr::new(address, 0)),
                    Err(why) => refused = Some(why),
                }
            }
            if let (true, Some(Refused(class))) = (good.is_empty(), refused) {
                let why = format!("{host} has a {class} address, which is not reached");
                return Err(NameRefused(why).into());
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}

/// Sends requests over HTTP.
pub struct Client {
    http: reqwest::Client,
    guard: Guard,
    limit: Duration,
}

impl Client {
    /// A client that reaches what the guard lets through, by the names of the system.
    pub fn new(guard: Guard, limit: Duration) -> Result<Self, String> {
        Self::with_names(guard, limit, Arc::new(SystemNames))
    }

    /// The same with other names.
    pub fn with_names(
        guard: Guard,
        limit: Duration,
        names: Arc<dyn Names>,
    ) -> Result<Self, String> {
        // If one is installed already, it is this one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let resolver = Arc::new(Guarded { guard: guard.clone(), names });
        let http = reqwest::Client::builder()
            .dns_resolver(resolver)
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(limit)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_MAX)
            .build();
        let http = http.map_err(|cause| format!("no HTTP client: {cause}"))?;
        Ok(Self { http, guard, limit })
    }

    async fn answer(&self, request: &Signed) -> Result<Answer, Fault> {
        // The resolver is not asked about numbers.
        if let Some(address) = request.target().address()
            && let Err(why) = self.guard.check(address)
        {
            return Err(Fault::Refused(why.to_string()));
        }
        let until = Instant::now() + self.limit;
        let sent = self.http.execute(built(request)?);
        let response = timeout_at(until, sent).await.map_err(|_| Fault::TimedOut(self.limit))?;
        let mut response = response.map_err(|cause| fault(&cause))?;
        let header = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let (retry_after, location) = (header("retry-after"), header("location"));
        let status = response.status().as_u16();
        let body = beginning(&mut response, until).await;
        Ok(Answer { status, retry_after, location, body })
    }
}

fn built(request: &Signed) -> Result<Request, Fault> {
    let failed = |cause: &dyn fmt::Display| Fault::Failed(format!("no request: {cause}"));
    let mut built = Request::new(Method::POST, request.target().url().clone());
    let (own, further) = request.headers();
    for (name, value) in further.iter().chain(own) {
        let name = name.parse::<reqwest::header::HeaderName>().map_err(|cause| failed(&cause))?;
        let value = value.parse().map_err(|cause| failed(&cause))?;
        // What this server sets, nobody else does.
        built.headers_mut().insert(name, value);
    }
    *built.body_mut() = Some(request.body().to_owned().into());
    Ok(built)
}

/// The beginning of the body, as far as it came in time.
async fn beginning(response: &mut Response, until: Instant) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_MAX {
        match timeout_at(until, response.chunk()).await {
            Ok(Ok(Some(chunk))) => bytes.extend_from_slice(&chunk),
            _ => break,
        }
    }
    bytes.truncate(ANSWER_MAX);
    String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}")
}

/// The innermost cause, which says what happened.
fn fault(error: &reqwest::Error) -> Fault {
    let mut cause: &dyn std::error::Error = error;
    let mut source = error.source();
    while let Some(next) = source {
        if let Some(NameRefused(why)) = next.downcast_ref::<NameRefused>() {
            return Fault::Refused(why.clone());
        }
        cause = next;
        source = next.source();
    }
    let what = if error.is_connect() { "no connection" } else { "the connection broke" };
    Fault::Failed(format!("{what}: {cause}"))
}

impl Sender for Client {
    fn send<'a>(&'a self, request: &'a Signed) -> Sending<'a> {
        Box::pin(async move {
            let begin = Instant::now();
            let outcome = self.answer(request).await;
            let ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
            Sent { outcome, ms }
        })
    }

    fn limit(&self) -> Duration {
        self.limit
    }
}
