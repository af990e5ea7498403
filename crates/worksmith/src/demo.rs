//! `worksmith demo`: a server with a small sample org, and calls to try.
//!
//! The sample org is created by calls of the API, which are listed in `demo.json`: to extend it,
//! add calls there. Its history is as old as the calls say, so it ends with the start. Once the
//! server runs, a receiver of the demo's own proves itself to the webhooks, and what people do
//! then is delivered to it.

mod play;
mod receiver;
mod script;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use worksmith_http::App;

use self::play::Player;
use self::receiver::Receiver;
use self::script::{Example, Script};
use crate::cli::{FirstOptions, ServeOptions};
use crate::control::Run;
use crate::failure::Failure;
use crate::home::{self, Home};
use crate::output::Output;
use crate::serve::{self, Prepared};

/// The file with the token of the sample org. If it exists, the org is complete.
const TOKEN_FILE: &str = "demo-token";

/// Runs the command.
pub(crate) async fn run(
    mut options: ServeOptions,
    output: &Output,
    run: Run,
) -> Result<(), Failure> {
    let dir = options.data_dir.clone().unwrap_or_else(|| "./data/demo".into());
    let kept = std::fs::read_to_string(dir.join(TOKEN_FILE)).ok();
    if kept.is_none() && options.database.database.is_none() && Home::exists(&dir) {
        return Err(no_demo(&dir));
    }
    // The sample org has its own people; the options for the first user are for `serve`.
    options.first = FirstOptions {
        org_name: "Tidewater Instruments".to_owned(),
        admin_email: "mei.tanaka@tidewater.example".to_owned(),
        admin_name: "Mei Tanaka".to_owned(),
    };
    // Whoever else reaches this server could name the address of the receiver, too.
    let receiver = options.listen.ip().is_loopback().then(|| Receiver::open(&dir)).flatten();
    if let (Some(_), Ok(network)) = (&receiver, receiver::NETWORK.parse()) {
        options.hooks.webhook_allow.push(network);
    }
    let given = home::admin_token()?;
    let prepared = serve::prepare(&options, &dir, given.as_deref(), output).await?;
    let token = match given.or_else(|| prepared.started.new_token.clone()).or(kept) {
        Some(token) => token.trim().to_owned(),
        None => return Err(no_demo(&dir)),
    };
    let script = Script::read()?;
    let mut player = Player::new(&prepared);
    if prepared.started.is_new {
        player.play(&script.calls).await?;
        if let Some(receiver) = &receiver {
            player.names.keep_text("receiver", receiver.url());
            player.play(&script.hooks).await?;
            tokio::spawn(player.play_later(script.later));
        }
    }
    if let Some(receiver) = receiver {
        receiver.answer();
    }
    keep(&dir, &token)?;
    let said = welcome(&options, &prepared, &script.examples, &token, &dir);
    let greet = |app: &App| {
        output.line(said);
        if app.has_pages() {
            output.line(format_args!("To look at it (the link signs in once):\n"));
            output.line(app.sign_in_address(&token));
        }
    };
    prepared.serve(&options.limits, &dir, run, greet).await
}

fn no_demo(dir: &Path) -> Failure {
    format!(
        "{} holds an org that is no complete sample org; serve it with `worksmith serve`, or give \
         the demo another --data-dir",
        dir.display()
    )
    .into()
}

fn keep(dir: &Path, token: &str) -> Result<(), Failure> {
    let path: PathBuf = dir.join(TOKEN_FILE);
    let write = || -> std::io::Result<()> {
        let mut options = std::fs::File::options();
        options.create(true).write(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        writeln!(options.open(&path)?, "{token}")
    };
    write().map_err(|cause| format!("{} can't be written: {cause}", path.display()).into())
}

fn welcome(
    options: &ServeOptions,
    prepared: &Prepared,
    examples: &[Example],
    token: &str,
    dir: &Path,
) -> String {
    let base_url = &prepared.home.environment.base_url;
    let mut text = format!("Worksmith serves the sample org {}.\n\n", options.first.org_name);
    let _ = writeln!(text, "Address  {base_url}");
    let _ = writeln!(text, "Token    {token}");
    let _ = writeln!(text, "Data     {} (delete it to begin anew)", dir.display());
    let mut trust = String::new();
    if let Some(ca) = &prepared.ca {
        let _ = writeln!(text, "CA       {}", ca.display());
        trust = format!("--cacert {} ", quoted(&ca.display().to_string()));
    }
    let _ = writeln!(text, "\nTo try, in another terminal:");
    for Example { title, op, body } in examples {
        let _ = write!(
            text,
            "\n# {title}\ncurl -sS {trust}{base_url}/{op} -H {} \
             -H 'Content-Type: application/json' -d {}\n",
            quoted(&format!("Authorization: Bearer {token}")),
            quoted(&body.to_string()),
        );
    }
    text
}

/// A text, quoted so that a shell takes it literally.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_survives_the_shell() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
