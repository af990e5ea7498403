//! `worksmith webhooks`: what webhooks were told, also while the server runs.

use std::collections::BTreeSet;
use std::time::Duration;

use worksmith_engine::Tx;
use worksmith_kernel::{OpCtx, Query};
use worksmith_store::{Delivery, DeliveryQuery, DeliveryStatus, Redelivery};
use worksmith_tracker::bootstrap::{self, FirstUser};
use worksmith_tracker::webhooks::{Webhook, shown_delivery};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::cli::{WebhooksCommand, WebhooksOptions};
use crate::control::{self, Data, Job, Place, Run, Session};
use crate::failure::Failure;
use crate::output::Output;

/// The most webhooks that are listed.
const LISTED_MAX: usize = 1_000;
/// How often `tail` looks for new attempts.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How much earlier than others a delivery may be touched that is written later, in milliseconds.
const BACK_MS: i64 = 5_000;
/// How many deliveries `tail` reads at a time.
const READ: usize = 100;

/// Runs the command.
pub(crate) async fn run(
    options: WebhooksOptions,
    output: &Output,
    run: Run,
) -> Result<(), Failure> {
    let WebhooksOptions { data_dir, database, command } = options;
    let place = Place { dir: &data_dir, database: &database, is_made: false, files: None };
    control::run(Job::Webhooks(command), &place, output, None, run).await
}

/// Runs the job where the data is.
pub(crate) async fn job(
    command: WebhooksCommand,
    data: &Data,
    session: &Session,
) -> Result<(), Failure> {
    let nobody =
        FirstUser { email: String::new(), display_name: String::new(), org_name: String::new() };
    let cx = bootstrap::start(&data.engine, &data.environment, &nobody, None).await?.cx;
    let output = &session.output;
    let mut tx = data.engine.begin(&cx);
    match command {
        WebhooksCommand::List => list(&mut tx, output).await,
        WebhooksCommand::Deliveries { webhook, status, limit } => {
            let webhook = webhook_of(&mut tx, &webhook).await?;
            let query =
                DeliveryQuery { statuses: statuses(status.as_deref()), ..DeliveryQuery::default() };
            for delivery in tx.deliveries(&webhook, &query, None, limit).await? {
                output.line(line(&cx, &delivery)?);
            }
            Ok(())
        }
        WebhooksCommand::Show { event } => {
            let delivery = delivery_of(&mut tx, &event).await?;
            let shown = shown_delivery(&cx, &delivery, true)?;
            let shown = serde_json::to_string_pretty(&shown);
            output.line(shown.map_err(|cause| format!("{event} can't be shown: {cause}"))?);
            Ok(())
        }
        WebhooksCommand::Redeliver { what, from, to, status } => {
            let count = match from {
                None => {
                    let delivery = delivery_of(&mut tx, &what).await?;
                    tx.redeliver(&delivery.webhook, &Redelivery::One(delivery.id)).await?
                }
                Some(from) => {
                    let webhook = webhook_of(&mut tx, &what).await?;
                    let (statuses, kinds) = (statuses(status.as_deref()), Vec::new());
                    let to = Some(to.unwrap_or(cx.now));
                    let query = DeliveryQuery { statuses, kinds, from: Some(from), to };
                    tx.redeliver(&webhook, &Redelivery::All(query)).await?
                }
            };
            output.line(format_args!("{count} to be delivered once more."));
            Ok(())
        }
        WebhooksCommand::Tail { webhook } => {
            let webhook = match webhook {
                Some(webhook) => Some(webhook_of(&mut tx, &webhook).await?),
                None => None,
            };
            drop(tx);
            tail(data, &cx, webhook.as_ref(), output).await
        }
    }
}

async fn list(tx: &mut Tx, output: &Output) -> Result<(), Failure> {
    let (id, status, owner) = ("ID", "STATUS", "OWNER");
    output.line(format_args!("{id:<10} {status:<10} {owner:<10} URL"));
    for webhook in tx.first::<Webhook>(&Query::new(), LISTED_MAX).await? {
        let (id, owner) = (webhook.id().local(), tx.cx().name(&webhook.meta.created_by));
        let (status, url) = (webhook.doc.status.as_str(), &webhook.doc.url);
        output.line(format_args!("{id:<10} {status:<10} {owner:<10} {url}"));
    }
    Ok(())
}

/// Shows deliveries as they are touched.
async fn tail(
    data: &Data,
    cx: &OpCtx,
    webhook: Option<&Id>,
    output: &Output,
) -> Result<(), Failure> {
    let (mut at, mut id) = (cx.now, String::new());
    let mut seen: BTreeSet<(Timestamp, String)> = BTreeSet::new();
    loop {
        let mut tx = data.engine.begin(cx);
        let touched = tx.deliveries_touched((at, &id), READ).await?;
        drop(tx);
        for delivery in &touched {
            (at, id) = (delivery.touched_at, delivery.id.to_string());
            let is_wanted = webhook.is_none_or(|webhook| *webhook == delivery.webhook);
            if !seen.insert((at, id.clone())) || !is_wanted {
                continue;
            }
            let line = format!("{}\n", line(cx, delivery)?);
            if output.bytes(line.as_bytes()).is_err() {
                // Nobody reads any more.
                return Ok(());
            }
        }
        if touched.len() < READ {
            // One that was touched earlier may be written later.
            (at, id) = (cx.now.max(at.plus_ms(-BACK_MS)), String::new());
            seen = seen.split_off(&(at, String::new()));
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn statuses(status: Option<&str>) -> Vec<DeliveryStatus> {
    let all = [DeliveryStatus::Pending, DeliveryStatus::Delivered, DeliveryStatus::Failed];
    all.into_iter().filter(|one| status == Some(one.as_str())).collect()
}

/// A delivery in a line: when, which, what of what, how far it is, and the last attempt.
fn line(cx: &OpCtx, delivery: &Delivery) -> Result<String, Failure> {
    let Delivery { id, kind, object, status, touched_at, due_at, .. } = delivery;
    let object = object.parse::<Id>().map_or(String::new(), |object| cx.name(&object));
    let shown = shown_delivery(cx, delivery, false)?;
    let (tries, status) = (shown.attempts.len(), status.as_str());
    let last = shown.attempts.last().map_or_else(String::new, |last| {
        let answer = match (&last.error, last.response_status) {
            (Some(error), _) => error.clone(),
            (None, status) => format!("{}", status.unwrap_or_default()),
        };
        format!("  {answer} ({} ms)", last.duration_ms)
    });
    let next = due_at.filter(|_| tries > 0).map(|at: Timestamp| format!("  next {at}"));
    let (id, next) = (event(id), next.unwrap_or_default());
    Ok(format!("{touched_at}  {id:<28} {kind:<24} {object:<12} {status:<9} {tries:>2}{last}{next}"))
}

/// An event as users write it: the webhook, a slash, and its number.
fn event(id: &Id) -> String {
    let webhook = id.object().map_or_else(String::new, |webhook| webhook.local().to_owned());
    format!("{webhook}/{}", id.seq())
}

async fn webhook_of(tx: &mut Tx, text: &str) -> Result<Id, Failure> {
    let org = tx.cx().org.clone();
    let id = Id::parse(text, &org).unwrap_or_else(|_| Id::new(Kind::Webhook, text));
    match tx.find::<Webhook>(&id).await? {
        Some(webhook) => Ok(webhook.id().clone()),
        None => Err(format!(
            "there is no webhook {text:?}; `worksmith webhooks list` shows those that there are"
        )
        .into()),
    }
}

async fn delivery_of(tx: &mut Tx, text: &str) -> Result<Delivery, Failure> {
    let org = tx.cx().org.clone();
    let id = Id::parse(text, &org).ok().or_else(|| {
        let (webhook, number) = text.split_once('/')?;
        let webhook = Id::new(Kind::Webhook, webhook);
        Some(Id::of_object(Kind::WebhookEvent, &webhook, number.parse().ok()?))
    });
    let found = match id.as_ref().and_then(|id| Some((id.object()?, id))) {
        Some((webhook, id)) => tx.delivery(&webhook, id).await?,
        None => None,
    };
    found.ok_or_else(|| {
        format!("there is no event {text:?}; `worksmith webhooks deliveries WEBHOOK` lists them")
            .into()
    })
}
