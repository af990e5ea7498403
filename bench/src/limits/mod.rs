//! What the machine can do at best: the same HTTP stack as the product's with little or nothing
//! behind it. Served by processes of their own, as the product is.
//!
//! One is empty:
//!
//! - `/static/get`, `/static/list`: the body is read, and a fixed one of that size is the answer.
//! - `/commit`: one row of the size of a work is replaced by its key, durably; all clients that
//!   wait share one commit. A row is the answer.
//! - `/insert`: the same with a new row.
//!
//! The other one has a copy of the product's data:
//!
//! - `/one-row/get`: the row of a work is read by its key, and is the answer.
//! - `/same/update`, `/same/create`: the statements are run that the product runs for such a
//!   request, durably; all clients that wait share one commit.

mod bare;
mod flush;
mod one_row;
mod same;
mod together;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::runtime::Runtime;

pub(crate) use self::flush::flushes;
use self::one_row::Rows;
use self::together::Writer;
use crate::catalog::Catalog;
use crate::data::{self, DATABASE};
use crate::random::{Chance, prose};
use crate::recorded;

/// How long a client may take to send the headers of its request, as with the product.
const HEAD_LIMIT: Duration = Duration::from_secs(30);
/// How many bodies of different lengths are written in turn.
const BODIES: usize = 16;

/// The sizes of answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// The length of an average answer of `works.get`.
    pub(crate) get: usize,
    /// The length of an average answer of `works.list` with 50 works.
    pub(crate) list: usize,
}

struct Limits {
    get: Bytes,
    list: Bytes,
    writer: Writer<bare::Job>,
}

struct DataLimits {
    get: Bytes,
    rows: Rows,
    /// Only if something was recorded.
    writer: Option<Writer<same::Job>>,
}

/// Serves the limits of the machine until the process is killed.
pub(crate) fn serve(listen: SocketAddr, dir: &Path, sizes: Sizes) -> Result<(), String> {
    let bodies = (0..BODIES).map(|more| text(sizes.get + more)).collect();
    let writer = bare::start(dir, bodies)?;
    let (get, list) = (text(sizes.get).into(), text(sizes.list).into());
    let router = Router::new()
        .route("/static/get", post(static_get))
        .route("/static/list", post(static_list))
        .route("/commit", post(commit))
        .route("/insert", post(insert))
        .with_state(Arc::new(Limits { get, list, writer }));
    listen_on(listen, &runtime()?, router)
}

/// Serves the limits of a copy of the data until the process is killed. If it `writes`, it first
/// records what it will write.
pub(crate) fn serve_data(
    listen: SocketAddr,
    home: &Path,
    catalog: &Path,
    bytes: usize,
    writes: bool,
) -> Result<(), String> {
    let (catalog, runtime) = (Arc::new(Catalog::read(catalog)?), runtime()?);
    let engine = data::open(home)?;
    let caller = runtime.block_on(recorded::caller(&engine, &catalog))?;
    let recorded = writes.then(|| runtime.block_on(recorded::record(&engine, &catalog, bytes)));
    // The database must be free.
    drop(engine);
    let writer = recorded.transpose()?.map(|recorded| same::start(home, recorded)).transpose()?;
    let rows = Rows::new(home.join(DATABASE), caller.org.org.to_string());
    let router = Router::new()
        .route("/one-row/get", post(one_row))
        .route("/same/update", post(same_update))
        .route("/same/create", post(same_create))
        .with_state(Arc::new(DataLimits { get: text(bytes).into(), rows, writer }));
    listen_on(listen, &runtime, router)
}

fn text(bytes: usize) -> String {
    let mut text = String::new();
    prose(&mut Chance::new(1), bytes.try_into().unwrap_or(0), &mut text);
    text
}

fn runtime() -> Result<Runtime, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|cause| cause.to_string())
}

fn listen_on(listen: SocketAddr, runtime: &Runtime, router: Router) -> Result<(), String> {
    let served: std::io::Result<()> = runtime.block_on(async {
        let listener = TcpListener::bind(listen)?;
        let mut server = axum_server::from_tcp(listener)?.first_request_timeout(HEAD_LIMIT);
        server.http_builder().http1().header_read_timeout(HEAD_LIMIT);
        server.serve(router.into_make_service_with_connect_info::<SocketAddr>()).await
    });
    served.map_err(|cause| format!("serving ended: {cause}"))
}

fn json(body: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

async fn static_get(State(limits): State<Arc<Limits>>, body: Bytes) -> Response {
    std::hint::black_box(&body);
    json(limits.get.clone())
}

async fn static_list(State(limits): State<Arc<Limits>>, body: Bytes) -> Response {
    std::hint::black_box(&body);
    json(limits.list.clone())
}

async fn commit(State(limits): State<Arc<Limits>>, body: Bytes) -> Response {
    let job = bare::Job::Replace(first_number(&body));
    limits.writer.done(job, limits.get.clone()).await
}

async fn insert(State(limits): State<Arc<Limits>>, body: Bytes) -> Response {
    std::hint::black_box(&body);
    limits.writer.done(bare::Job::Insert, limits.get.clone()).await
}

async fn one_row(State(limits): State<Arc<DataLimits>>, body: Bytes) -> Response {
    match limits.rows.read(&body) {
        Ok(row) => json(row),
        Err(cause) => (StatusCode::INTERNAL_SERVER_ERROR, cause).into_response(),
    }
}

async fn same_update(State(limits): State<Arc<DataLimits>>, body: Bytes) -> Response {
    same(&limits, same::Job::Update(first_number(&body))).await
}

async fn same_create(State(limits): State<Arc<DataLimits>>, body: Bytes) -> Response {
    std::hint::black_box(&body);
    same(&limits, same::Job::Create).await
}

async fn same(limits: &DataLimits, job: same::Job) -> Response {
    match &limits.writer {
        Some(writer) => writer.done(job, limits.get.clone()).await,
        None => (StatusCode::NOT_FOUND, "nothing was recorded").into_response(),
    }
}

/// The first number in a request: that of the work that it is about.
fn first_number(body: &[u8]) -> u64 {
    let digits = body.iter().skip_while(|byte| !byte.is_ascii_digit());
    let digits = digits.take_while(|byte| byte.is_ascii_digit()).take(18);
    digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_row() {
        assert_eq!(first_number(br#"{"id":"ISS-0420","title":"7"}"#), 420);
        assert_eq!(first_number(b"{}"), 0);
    }
}
