//! The state that all requests share.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use worksmith_engine::{Engine, OpTable};
use worksmith_org::Environment;
use worksmith_org::artifacts::Bucket;
use worksmith_store::Files;

use crate::limit::{Limiter, RateLimit};
use crate::record::Measures;
use crate::session::Sessions;

/// The limits on requests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest body in bytes.
    pub body_bytes_max: usize,
    /// The largest file that can be uploaded, in bytes.
    pub upload_bytes_max: usize,
    /// How many calls a user may make; `None` for any number.
    pub rate: Option<RateLimit>,
}

impl Default for Limits {
    fn default() -> Self {
        // The longest text of the contract is 65,536 characters, which JSON may escape to six
        // bytes each.
        Self {
            body_bytes_max: 1024 * 1024,
            upload_bytes_max: 100 * 1024 * 1024,
            rate: Some(RateLimit::default()),
        }
    }
}

/// The state of the server; cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) table: OpTable,
    pub(crate) environment: Environment,
    pub(crate) limits: Limits,
    pub(crate) files: Files,
    pub(crate) limiter: Limiter,
    pub(crate) sessions: Sessions,
    pub(crate) measures: Measures,
    pub(crate) metrics: Option<PrometheusHandle>,
}

impl App {
    /// Assembles a server.
    pub fn new(
        engine: Engine,
        mut table: OpTable,
        environment: Environment,
        limits: Limits,
        files: Files,
    ) -> Self {
        if files.is_remote() {
            let (engine, environment, files) = (engine.clone(), environment.clone(), files.clone());
            let upload_bytes_max = limits.upload_bytes_max as u64;
            Bucket { engine, environment, files, upload_bytes_max }.attach(&mut table);
        }
        let limiter = Limiter::new(limits.rate);
        let measures = Measures::new(&table);
        let metrics = None;
        let sessions = Sessions::new(&environment.base_url);
        let inner = Inner {
            engine,
            table,
            environment,
            limits,
            files,
            limiter,
            sessions,
            measures,
            metrics,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Serves these metrics. Call this before the app is cloned.
    #[must_use]
    pub fn with_metrics(mut self, handle: PrometheusHandle) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.metrics = Some(handle);
        }
        self
    }

    /// Whether the program was built with the web UI.
    pub fn has_pages(&self) -> bool {
        worksmith_web::page().is_some()
    }

    /// An address that signs a browser in with the token, once, while this server runs.
    pub fn sign_in_address(&self, token: &str) -> String {
        let Inner { environment, sessions, .. } = &*self.inner;
        format!("{}/signin#{}", environment.base_url, sessions.code(environment, token))
    }
}
