//! `worksmith serve`: from options to a server, until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use worksmith_hooks::{Client, Guard};
use worksmith_http::serve::Certificate;
use worksmith_http::tls::{Name, Source};
use worksmith_http::{App, Limits, RateLimit};
use worksmith_inbox::follow::MailTimes;
use worksmith_mail::Mailer;
use worksmith_store::Files;
use worksmith_tracker::bootstrap::{self, FirstUser, Started};
use worksmith_tracker::webhooks::Hooks;

use crate::cli::{ArtifactOptions, HookOptions, LimitOptions, MailOptions, ServeOptions};
use crate::control::{Control, Data, Run};
use crate::failure::Failure;
use crate::home::{self, Home};
use crate::output::Output;
use crate::signals::Stop;
use crate::workers::Mail;
use crate::{log, workers};

/// A server that is ready to start.
pub(crate) struct Prepared {
    /// Its data.
    pub(crate) home: Home,
    /// What the start found or created.
    pub(crate) started: Started,
    /// The CA that clients have to be told to trust.
    pub(crate) ca: Option<PathBuf>,
    /// The bytes of its artifacts.
    pub(crate) files: Files,
    mail: Option<Mail>,
    hooks: Hooks,
    listener: TcpListener,
    certificate: Option<Certificate>,
    stop: Stop,
}

/// Does everything that can fail, so that a server that prints its address does serve.
pub(crate) async fn prepare(
    options: &ServeOptions,
    dir: &Path,
    token: Option<&str>,
    output: &Output,
) -> Result<Prepared, Failure> {
    let stop = Stop::listen()?;
    let mut home = Home::open(dir, &options.database, output).await?;
    output.settle();
    let files = files(&options.artifacts, dir).await?;
    let mail = mail(&options.mail)?;
    let listener = worksmith_http::serve::bind(options.listen)?;
    let address = listener.local_addr().map_err(|cause| format!("no address: {cause}"))?;
    let source = certificate_source(options, dir, address)?;
    let ca = source.as_ref().and_then(Source::ca);
    let base_url = options.base_url.clone().unwrap_or_else(|| url(address, source.is_some()));
    home.environment.base_url = base_url.into();
    let clock = home.environment.clock.clone();
    let hooks = hooks(&options.hooks, &home)?;
    let certificate = source.map(|source| Certificate::load(source, clock)).transpose()?;
    let first = FirstUser {
        email: options.first.admin_email.clone(),
        display_name: options.first.admin_name.clone(),
        org_name: options.first.org_name.clone(),
    };
    let started = bootstrap::start(&home.engine, &home.environment, &first, token).await?;
    Ok(Prepared { home, started, ca, files, mail, hooks, listener, certificate, stop })
}

fn mail(options: &MailOptions) -> Result<Option<Mail>, Failure> {
    let (Some(server), Some(from)) = (&options.smtp, &options.mail_from) else { return Ok(None) };
    let mailer = Mailer::new(server, from).map_err(|bad| bad.to_string())?;
    let (quiet_ms, longest_ms) =
        (i64::from(options.mail_quiet_s) * 1000, i64::from(options.mail_latest_s) * 1000);
    Ok(Some(Mail { mailer, times: MailTimes { quiet_ms, longest_ms } }))
}

fn hooks(options: &HookOptions, home: &Home) -> Result<Hooks, Failure> {
    let limit = Duration::from_secs(options.webhook_timeout_s);
    let client = Client::new(Guard::new(options.webhook_allow.clone()), limit)?;
    let hooks = Hooks::new(&home.engine, &home.environment, Arc::new(client));
    Ok(hooks.with_pace(options.webhook_pace))
}

async fn files(options: &ArtifactOptions, dir: &Path) -> Result<Files, Failure> {
    let files = home::open_files(&options.files.or_in(dir)).await?;
    Ok(if options.through_server { files.through_server() } else { files })
}

fn url(address: SocketAddr, secure: bool) -> String {
    let scheme = if secure { "https" } else { "http" };
    if address.ip().is_unspecified() {
        return format!("{scheme}://localhost:{}", address.port());
    }
    format!("{scheme}://{address}")
}

fn certificate_source(
    options: &ServeOptions,
    dir: &Path,
    address: SocketAddr,
) -> Result<Option<Source>, Failure> {
    let tls = &options.tls;
    if let (Some(certificate), Some(key)) = (&tls.tls_cert, &tls.tls_key) {
        return Ok(Some(Source::Given { certificate: certificate.clone(), key: key.clone() }));
    }
    if !tls.tls_self_signed {
        return Ok(None);
    }
    let host = options.base_url.as_deref().map(host).into_iter();
    let names = tls.tls_name.iter().map(|name| name.trim()).chain(host);
    let names = names.map(Name::parse).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Source::self_made(dir.join("tls"), address.ip(), names)))
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn limits(options: &LimitOptions) -> Limits {
    let rate = (options.rate_limit > 0).then(|| RateLimit {
        quota: options.rate_limit,
        window_ms: i64::from(options.rate_window_s) * 1000,
        loopback: options.rate_limit_loopback,
    });
    Limits {
        body_bytes_max: options.body_bytes_max,
        upload_bytes_max: options.upload_bytes_max,
        rate,
    }
}

impl Prepared {
    /// Serves until the process is told to stop. `run` does the jobs of commands, and `greet` says
    /// what there is to say of the server.
    pub(crate) async fn serve(
        self,
        options: &LimitOptions,
        dir: &Path,
        run: Run,
        greet: impl FnOnce(&App),
    ) -> Result<(), Failure> {
        let Self { home, files, mail, hooks, listener, certificate, stop, .. } = self;
        let Home { table, engine, environment } = home;
        let base_url = environment.base_url.clone();
        workers::start(&engine, &environment, &files, mail, hooks);
        let data = Data {
            engine: engine.clone(),
            environment: environment.clone(),
            files: Some(files.clone()),
            is_served: true,
        };
        // If others may open the database, commands open it themselves.
        let control =
            if engine.store().is_shared() { None } else { Some(Control::start(dir, data, run)?) };
        let ending = engine.clone();
        let app = App::new(engine, table, environment, limits(options), files);
        greet(&app);
        let router = worksmith_http::router(app.with_metrics(log::metrics()?));
        let handle = Handle::new();
        let grace = Duration::from_secs(options.stop_grace_s);
        tokio::spawn(stop.shut_down(handle.clone(), grace, ending));
        tracing::info!(%base_url, "serving");
        let served = worksmith_http::serve::serve(listener, certificate, router, handle).await;
        if let Some(control) = control {
            control.stop().await;
        }
        served.map_err(|cause| format!("serving ended: {cause}"))?;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Runs the command.
pub(crate) async fn run(options: ServeOptions, output: &Output, run: Run) -> Result<(), Failure> {
    let dir = options.data_dir.clone().unwrap_or_else(|| "./data".into());
    let prepared = prepare(&options, &dir, home::admin_token()?.as_deref(), output).await?;
    let base_url = &prepared.home.environment.base_url;
    output.line(format_args!("Worksmith {} serves {base_url}", env!("CARGO_PKG_VERSION")));
    output.line(format_args!("Data: {}", dir.display()));
    if let Some(ca) = &prepared.ca {
        output.line(format_args!("CA for clients to trust: {}", ca.display()));
    }
    let new_token = prepared.started.new_token.clone();
    let greet = |app: &App| {
        if let Some(token) = &new_token {
            let email = &options.first.admin_email;
            output.line(format_args!("Token of {email}, shown this once: {token}"));
            if app.has_pages() {
                output.line(format_args!("Sign in, once: {}", app.sign_in_address(token)));
            }
        }
    };
    prepared.serve(&options.limits, &dir, run, greet).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_makes_a_url() {
        let url = |address: &str, secure| super::url(address.parse().unwrap(), secure);
        assert_eq!(url("127.0.0.1:8080", false), "http://127.0.0.1:8080");
        assert_eq!(url("[::1]:8443", true), "https://[::1]:8443");
        assert_eq!(url("0.0.0.0:80", false), "http://localhost:80");
    }

    #[test]
    fn the_host_of_a_base_url_is_named_in_the_certificate() {
        assert_eq!(host("https://a.example"), "a.example");
        assert_eq!(host("https://a.example:8443/x"), "a.example");
        assert_eq!(host("https://[::1]:8443"), "[::1]");
        assert_eq!(host("https://[::1]"), "[::1]");
    }
}
