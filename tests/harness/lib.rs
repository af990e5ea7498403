//! The harness of the whole-system tests: a server in this process with a clock and randomness
//! controlled by the test. Every answer is checked against the published contract, whatever the
//! test looks at.

pub mod client;
pub mod compat;
pub mod copy;
pub mod database;
pub mod delivering;
pub mod listener;
pub mod listening;
pub mod mailing;
pub mod misbehaving;
pub mod openapi;
pub mod process;
pub mod program;
pub mod receivers;
pub mod s3;
pub mod smtp;
pub mod updates;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use worksmith_engine::Engine;
use worksmith_http::{App, Limits};
use worksmith_inbox::follow::MailTimes;
use worksmith_inbox::{follow, notifications};
use worksmith_kernel::{Clock, Entropy, SystemClock};
use worksmith_org::{Environment, artifacts};
use worksmith_sla::sla_trackers;
use worksmith_store::{Files, Place, ROWS_MAX, relocate};
use worksmith_talk::timeline_entries;
use worksmith_test_postgres::Database;
use worksmith_tracker::bootstrap::{self, FirstUser};
use worksmith_tracker::webhooks::Hooks;
use worksmith_tracker::{cascades, tracking};
use worksmith_wire::Timestamp;

use crate::receivers::Receivers;

/// The token of the admin of every test server.
pub const ADMIN: &str = "test-admin-token";

/// 2026-01-01T12:00:00Z, when every test begins.
const BEGINNING: i64 = 1_767_268_800_000;

/// A clock that advances by a millisecond each time it is read, and as far as the test says.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Sets the clock by that of the machine, for tests with others that use their own clock.
    pub fn set_by_the_machine(&self) {
        self.0.store(SystemClock.now().0, Ordering::Relaxed);
    }

    /// Lets time pass.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Random bytes that are the same in every run.
#[derive(Debug)]
pub struct TestEntropy(AtomicU64);

impl Entropy for TestEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            // SplitMix64.
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            *byte = (z ^ (z >> 31)).to_le_bytes()[0];
        }
    }
}

/// What a client does with redirects.
#[derive(Clone, Copy, Debug)]
pub enum Redirects {
    /// It follows them.
    Follow,
    /// It returns them as answers.
    Show,
}

/// A client across a network.
pub fn http_client(redirects: Redirects) -> reqwest::Client {
    provide_tls();
    let policy = match redirects {
        Redirects::Follow => reqwest::redirect::Policy::limited(3),
        Redirects::Show => reqwest::redirect::Policy::none(),
    };
    reqwest::Client::builder().redirect(policy).build().expect("a client")
}

/// Installs the TLS provider of this process, if none is installed.
fn provide_tls() {
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// A server with a store of its own.
pub struct Server {
    /// What it serves.
    pub router: Router,
    /// Its store.
    pub engine: Engine,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// What all its contexts share.
    pub environment: Environment,
    /// The place of its files.
    pub files: Files,
    /// Its data dir, which is deleted with it.
    pub dir: TempDir,
    /// Its database, which is deleted with it, too; `None` for SQLite in the data dir.
    pub database: Option<Database>,
}

/// The setup of a server.
pub struct Setup {
    /// The limits on its requests.
    pub limits: Limits,
    /// The place of its files; by default, in its data dir.
    pub files: Option<Files>,
    /// The address under which clients reach it, as it is configured.
    pub base_url: String,
    /// How long a stream of events is silent before it beats.
    pub beat: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        let base_url = "http://worksmith.test".to_owned();
        let beat = Duration::from_secs(15);
        Self { limits: Limits::default(), files: None, base_url, beat }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The operation that gave it.
    pub op: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null when empty.
    pub body: Value,
}

impl Server {
    /// Starts a server on an empty store.
    pub async fn start() -> Self {
        Self::start_as(Setup::default()).await
    }

    /// Starts a server with limits of the test's own.
    pub async fn start_with(limits: Limits) -> Self {
        Self::start_as(Setup { limits, ..Setup::default() }).await
    }

    /// Starts a server on SQLite, for tests that only apply to SQLite; their names say so.
    pub async fn start_on_sqlite() -> Self {
        Self::start_on(None, Setup::default()).await
    }

    /// Starts a server with a setup of the test's own.
    pub async fn start_as(setup: Setup) -> Self {
        Self::start_on(database::with_tables().await, setup).await
    }

    async fn start_on(database: Option<Database>, setup: Setup) -> Self {
        let Setup { limits, files, base_url, beat } = setup;
        let dir = TempDir::new().expect("a temporary folder");
        let table = worksmith_tracker::table();
        let store = database::open(dir.path(), database.as_ref(), table.registry().clone()).await;
        let engine = Engine::new(store, table.followers().clone()).with_beat(beat);
        let clock = Arc::new(TestClock(AtomicI64::new(BEGINNING)));
        let environment = Environment {
            clock: clock.clone(),
            entropy: Arc::new(TestEntropy(AtomicU64::new(1))),
            base_url: base_url.into(),
        };
        let first = FirstUser {
            email: "ada@example.org".to_owned(),
            display_name: "Ada".to_owned(),
            org_name: "Example".to_owned(),
        };
        bootstrap::start(&engine, &environment, &first, Some(ADMIN)).await.expect("a first start");
        let files =
            files.unwrap_or_else(|| Files::open_local(dir.path()).expect("a folder for files"));
        let app = App::new(engine.clone(), table, environment.clone(), limits, files.clone());
        let router = worksmith_http::router(app);
        Self { router, engine, clock, environment, files, dir, database }
    }

    /// Moves the data into an empty database, and goes on there: in another data dir, or in a given
    /// PostgreSQL database.
    pub async fn moved(self, to: Option<Database>) -> Self {
        let Self { router, engine, clock, environment, files, dir, database } = self;
        // The source must not be in use.
        drop((router, engine));
        let place = |dir: &TempDir, database: &Option<Database>| match database {
            Some(database) => Place::Postgres(database.url()),
            None => Place::Sqlite(dir.path().to_owned()),
        };
        let table = worksmith_tracker::table();
        let new_dir = TempDir::new().expect("a temporary folder");
        let (from, there) = (place(&dir, &database), place(&new_dir, &to));
        let report = relocate(&from, &there, table.registry(), ROWS_MAX, &mut |_, _, _| {}).await;
        report.expect("a move");
        let store = database::open(new_dir.path(), to.as_ref(), table.registry().clone()).await;
        let engine = Engine::new(store, table.followers().clone());
        let limits = Limits::default();
        let app = App::new(engine.clone(), table, environment.clone(), limits, files.clone());
        let router = worksmith_http::router(app);
        Self { router, engine, clock, environment, files, dir: new_dir, database: to }
    }

    /// Does what a server does besides answering calls: the work that follows from the log.
    pub async fn work(&self) {
        let done = artifacts::clear(&self.engine, &self.environment, &self.files).await;
        done.expect("files deleted");
        let done = tracking::revisit(&self.engine, &self.environment).await;
        done.expect("clocks read anew");
        self.note_due().await;
        let done = cascades::work_off(&self.engine, &self.environment, "tests").await;
        done.expect("cascades worked off");
        let done = timeline_entries::expire(&self.engine, &self.environment).await;
        done.expect("what has expired deleted");
        self.tell(None).await;
    }

    /// Tells people of what has changed, as a server does by itself: by mail as well, if it says
    /// when. Returns how many notifications were written.
    pub async fn tell(&self, mail: Option<MailTimes>) -> u64 {
        let told = follow::follow(&self.engine, &self.environment, mail).await;
        let woken = notifications::wake(&self.engine, &self.environment).await;
        woken.expect("what was put off is unread");
        told.expect("people are told")
    }

    /// The present instant in milliseconds.
    pub fn clock_ms(&self) -> i64 {
        self.clock.now().0
    }

    /// The server's webhooks, whose receivers are in this process.
    pub fn hooks(&self) -> (Hooks, Arc<Receivers>) {
        let receivers = Receivers::new(&self.clock);
        (Hooks::new(&self.engine, &self.environment, receivers.clone()), receivers)
    }

    /// Notes what has fallen due, as a server does by itself, and returns how much it was.
    pub async fn note_due(&self) -> u64 {
        let noted = sla_trackers::note_due(&self.engine, &self.environment).await;
        noted.expect("what fell due noted")
    }

    /// Calls an operation as the admin.
    pub async fn call(&self, op: &str, body: Value) -> Answer {
        self.call_as(ADMIN, op, body).await
    }

    /// Calls an operation with a token.
    pub async fn call_as(&self, token: &str, op: &str, body: Value) -> Answer {
        let headers = [("authorization", token), ("content-type", "application/json")];
        self.send(Method::POST, op, &headers, body.to_string()).await
    }

    /// A session of a contact in a workspace of Acme, both of which are made if they are not there:
    /// the token.
    pub async fn session(&self, user: &str, workspace: &str) -> String {
        let body = serde_json::json!({
            "requested_token_type": "urn:devrev:params:oauth:token-type:session:rev",
            "rev_info": {
                "user_ref": user, "account_ref": "acme", "workspace_ref": workspace,
                "user_traits": {"email": format!("{user}@acme.example")},
            },
        });
        let token = self.call("auth-tokens.create", body).await.ok()["access_token"].clone();
        token.as_str().expect("a token").to_owned()
    }

    /// Calls the GET twin of an operation as the admin.
    pub async fn get(&self, op: &str, query: &str) -> Answer {
        let path = if query.is_empty() { op.to_owned() } else { format!("{op}?{query}") };
        self.send(Method::GET, &path, &[("authorization", ADMIN)], Body::empty()).await
    }

    /// Sends any request to the API.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).expect("a JSON body")
        };
        let op = path.split('?').next().unwrap_or(path);
        let op = op.trim_start_matches("api/gateway/").trim_start_matches("internal/").to_owned();
        let answer = Answer { op, status: parts.status, headers: parts.headers, body };
        answer.check_contract();
        answer
    }
}

impl Answer {
    fn check_contract(&self) {
        // Extensions have no schema in the contract.
        let extension = worksmith_contract::operation(&self.op).is_none()
            || matches!(self.status.as_u16(), 405 | 412);
        if extension {
            return;
        }
        let found = worksmith_contract::check_response(&self.op, self.status.as_u16(), &self.body);
        let list: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(
            list.is_empty(),
            "{} {}: against the contract: {list:#?}\n{:#}",
            self.op,
            self.status,
            self.body
        );
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} answered {}: {}", self.op, self.status, self.body);
        self.body
    }

    /// The body of a failure, which must have this status and type.
    #[track_caller]
    pub fn error(self, status: u16, kind: &str) -> Value {
        let seen = (self.status.as_u16(), self.body["type"].as_str());
        assert_eq!(seen, (status, Some(kind)), "{}: {}", self.op, self.body);
        self.body
    }
}
