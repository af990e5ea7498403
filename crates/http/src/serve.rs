//! Serving a router on a port, over HTTP or HTTPS, until the server is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use worksmith_kernel::Clock;

use crate::tls::{Source, TlsError};

/// How long a client may take to send the headers of its request.
const HEAD_LIMIT: Duration = Duration::from_secs(30);
/// How often certificates are checked: a replaced one is loaded, and one of the server's own making
/// is renewed before it expires, without a restart.
const RELOAD_EVERY: Duration = Duration::from_secs(60 * 60);

/// Binds a port. If the port is taken, the error says so in one clear sentence.
pub fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "another program listens on {address}; stop it or name another address with --listen"
        ),
        std::io::ErrorKind::PermissionDenied => format!(
            "listening on {address} is not permitted ({cause}); ports below 1024 need a right of \
             their own"
        ),
        std::io::ErrorKind::AddrNotAvailable => {
            format!("{} is not an address of this machine", address.ip())
        }
        _ => format!("listening on {address} failed: {cause}"),
    })
}

/// A certificate that is checked again while it is served.
pub struct Certificate {
    source: Source,
    clock: Arc<dyn Clock>,
    config: RustlsConfig,
}

impl Certificate {
    /// Reads or creates the certificate.
    pub fn load(source: Source, clock: Arc<dyn Clock>) -> Result<Self, TlsError> {
        let config = RustlsConfig::from_config(source.load(clock.now())?);
        Ok(Self { source, clock, config })
    }

    async fn keep_current(self) {
        let mut tick = tokio::time::interval(RELOAD_EVERY);
        tick.tick().await;
        loop {
            tick.tick().await;
            match self.source.load(self.clock.now()) {
                Ok(config) => self.config.reload_from_config(config),
                Err(cause) => tracing::error!(%cause, "the certificate stays as it was"),
            }
        }
    }
}

/// Serves until `handle` is shut down and the connections have ended or run out of time.
pub async fn serve(
    listener: TcpListener,
    certificate: Option<Certificate>,
    router: Router,
    handle: Handle<SocketAddr>,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let Some(certificate) = certificate else {
        let mut server =
            axum_server::from_tcp(listener)?.handle(handle).first_request_timeout(HEAD_LIMIT);
        server.http_builder().http1().header_read_timeout(HEAD_LIMIT);
        return server.serve(service).await;
    };
    let mut server = axum_server::from_tcp_rustls(listener, certificate.config.clone())?
        .handle(handle)
        .first_request_timeout(HEAD_LIMIT);
    server.http_builder().http1().header_read_timeout(HEAD_LIMIT);
    tokio::select! {
        ended = server.serve(service) => ended,
        () = certificate.keep_current() => Ok(()),
    }
}
