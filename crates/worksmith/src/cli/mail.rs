//! The options of mail.

#![expect(clippy::doc_markdown, reason = "these comments are the help, shown as they stand")]

use clap::Args;

#[derive(Debug, Args)]
#[command(next_help_heading = "Mail")]
pub(crate) struct MailOptions {
    /// The mail server by which people are told of what concerns them: smtp://host (encrypted if it
    /// offers that), smtp://host?tls=required, smtp://host?tls=never or smtps://host, with
    /// user:password@ before the host if needed [default: no mail is sent].
    ///
    /// A password is safer in the environment variable than on the command line.
    #[arg(long, env = "WORKSMITH_SMTP", value_name = "URL", hide_env_values = true)]
    #[arg(requires = "mail_from")]
    pub(crate) smtp: Option<String>,
    /// The sender of all mail, as in "Worksmith <tracker@example.org>".
    #[arg(long, env = "WORKSMITH_MAIL_FROM", value_name = "ADDRESS")]
    pub(crate) mail_from: Option<String>,
    /// How many seconds nothing more has to happen to a work until people get mail of what has.
    #[arg(long, env = "WORKSMITH_MAIL_QUIET_S", value_name = "SECONDS", default_value_t = 60)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub(crate) mail_quiet_s: u32,
    /// How many seconds after the first change people get mail at the latest.
    #[arg(long, env = "WORKSMITH_MAIL_LATEST_S", value_name = "SECONDS", default_value_t = 600)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub(crate) mail_latest_s: u32,
}
