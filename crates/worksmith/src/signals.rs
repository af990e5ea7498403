//! Being told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use axum_server::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use worksmith_engine::Engine;

use crate::failure::Failure;

/// Signals within this time count as one: some programs send them to a process and to its group.
const ONE_WISH: Duration = Duration::from_millis(500);

/// The signals that stop the server.
pub(crate) struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// Installs handlers, so that no signal is lost from here on.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let failed = |cause| format!("signals can't be received: {cause}");
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// Stops the server at a signal: it accepts no new connections, streams of events end, and
    /// calls in progress get `grace`. At a second signal, it stops at once.
    pub(crate) async fn shut_down(
        mut self,
        handle: Handle<SocketAddr>,
        grace: Duration,
        engine: Engine,
    ) {
        let signal = self.next().await;
        let connections = handle.connection_count();
        tracing::info!(signal, connections, grace_s = grace.as_secs(), "stopping");
        engine.end_streams();
        handle.graceful_shutdown(Some(grace));
        drop(engine);
        let together = async {
            loop {
                self.next().await;
            }
        };
        let _ = tokio::time::timeout(ONE_WISH, together).await;
        let signal = self.next().await;
        tracing::warn!(signal, "stopping at once");
        handle.shutdown();
    }
}
