//! What letters say: a plain text, and the same as a page.

use std::fmt::Write as _;

use serde_json::Value as Json;
use worksmith_engine::{Engine, Stretch, Tx};
use worksmith_kernel::{OpCtx, Result};
use worksmith_mail::Message;
use worksmith_org::environment::Environment;
use worksmith_talk::timeline_entries::{self, Comment};
use worksmith_wire::common::WorkId;
use worksmith_wire::notifications::NotificationEventType;
use worksmith_wire::timeline_entries::{FieldDelta, FieldValue};
use worksmith_wire::{Id, Span};
use worksmith_work::works::Work;

use super::doc::Letter;
use crate::notifications::{Item, News, Sent};
use crate::{people, preferences, subscribers, unsubscribe};

/// The longest subject, in characters.
const SUBJECT_MAX: usize = 150;
/// How many changes of one item are looked up.
const CHANGES_MAX: usize = 50;
/// How much of a comment is quoted, in characters.
const QUOTED_MAX: usize = 20_000;

/// What a thread is called: `ISS-1: Slow`.
pub(super) async fn subject(tx: &mut Tx, parent: Option<&Id>, items: &[Item]) -> Result<String> {
    let sent = items.iter().find_map(|item| match &item.news {
        News::Sent(sent) => Some(sent.title.clone()),
        News::Change { .. } | News::Comment(_) => None,
    });
    let subject = match parent {
        Some(parent) => {
            let work = tx.find::<Work>(parent).await?;
            let title = work.map(|work| work.doc.title).or(sent);
            title.map_or_else(|| name(parent), |title| format!("{}: {title}", name(parent)))
        }
        None => sent.unwrap_or_default(),
    };
    Ok(subject.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SUBJECT_MAX).collect())
}

/// How an object is called.
fn name(id: &Id) -> String {
    id.display_id().unwrap_or_else(|| id.kind().noun().replace('_', " "))
}

/// Something that a letter tells of.
struct Told {
    /// What happened: `Bob commented`.
    what: String,
    /// What was said.
    quoted: Option<String>,
    /// What changed: `stage: triage → in_review`; of what a program sent, where to look.
    changes: Vec<String>,
}

/// A letter as a message; `None` if its reader can't be told of it any more.
pub(super) async fn message(
    engine: &Engine,
    environment: &Environment,
    cx: &OpCtx,
    letter: &Letter,
) -> Result<Option<Message>> {
    let mut tx = engine.begin(cx);
    let person = people::find(&mut tx, &letter.receiver).await?;
    let Some((person, Some(to))) = person.map(|mut person| {
        let email = person.email.take();
        (person, email)
    }) else {
        return Ok(None);
    };
    if !wants(&mut tx, letter).await? {
        return Ok(None);
    }
    let reader = environment.context(&cx.org.org, person.actor.clone());
    let mut reading = engine.begin(&reader);
    if let Some(parent) = &letter.parent
        && !reading.is_visible(parent).await?
    {
        return Ok(None);
    }
    let mut told = Vec::new();
    for item in &letter.items {
        if let Some(one) = tell(&mut reading, letter.parent.as_ref(), item).await? {
            told.push(one);
        }
    }
    if told.is_empty() {
        return Ok(None);
    }
    let weightiest = letter.items.iter().map(|item| item.event_type);
    let reason = why(weightiest);
    let parent = letter.parent.as_ref();
    let unsubscribe = unsubscribe::address(&mut tx, &letter.receiver, parent).await?;
    let object = parent.map_or_else(|| "Inbox".to_owned(), name);
    let path = parent.map_or_else(|| Some("inbox".to_owned()), Id::display_id);
    let address = format!("{}/{}", cx.base_url, path.unwrap_or_default());
    let page = Page { told: &told, object: &object, address: &address, reason: reason.1 };
    let host = host(&cx.base_url);
    let list = parent.map_or_else(|| "inbox".to_owned(), Id::to_string);
    let list = format!("{}.{host}", list.replace(['/', '_', ':'], "-"));
    Ok(Some(Message {
        to,
        to_name: person.name,
        subject: letter.subject.clone(),
        date_ms: cx.now.0,
        message_id: letter.message_id.clone(),
        references: letter.references.clone(),
        list: (object.clone(), list),
        text: page.text(&unsubscribe),
        html: page.html(&unsubscribe),
        unsubscribe,
        reason: reason.0,
    }))
}

/// Whether the reader still wants to be told by mail of the object.
async fn wants(tx: &mut Tx, letter: &Letter) -> Result<bool> {
    if !preferences::of(tx, &letter.receiver).await?.email {
        return Ok(false);
    }
    let Some(parent) = &letter.parent else { return Ok(true) };
    match tx.find::<Work>(parent).await? {
        Some(work) => Ok(!subscribers::of(tx, &work).await?.is_muted(&letter.receiver)),
        None => Ok(!WorkId::KINDS.contains(&parent.kind())),
    }
}

/// The host in the address of the server.
fn host(base_url: &str) -> &str {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or(rest);
    if host.is_empty() { "localhost" } else { host }
}

/// Why somebody gets a letter, in a word and in a sentence.
fn why(all: impl Iterator<Item = NotificationEventType>) -> (&'static str, &'static str) {
    let all: Vec<_> = all.collect();
    let has = |each| all.contains(&each);
    if has(NotificationEventType::Mention) {
        ("mention", "You get this because you were mentioned.")
    } else if has(NotificationEventType::Assignment) {
        ("assignment", "You get this because it was assigned to you.")
    } else if has(NotificationEventType::Alert) {
        ("alert", "You get this because it needs attention.")
    } else if has(NotificationEventType::Reminder) {
        ("reminder", "You get this because it is time.")
    } else {
        ("update", "You get this because you made, own or follow it.")
    }
}

/// What a reader is told of something; `None` if it is not for them any more.
async fn tell(tx: &mut Tx, parent: Option<&Id>, item: &Item) -> Result<Option<Told>> {
    let actor = person_name(tx, &item.actor).await?;
    match &item.news {
        News::Sent(sent) => tell_sent(tx, &actor, sent).await.map(Some),
        News::Comment(id) => {
            if !tx.is_visible(id).await? {
                return Ok(None);
            }
            let comment = tx.find::<Comment>(id).await?.filter(|one| !one.doc.is_deleted);
            let Some(comment) = comment else { return Ok(None) };
            let quoted = comment.doc.body.map(|body| body.chars().take(QUOTED_MAX).collect());
            Ok(Some(Told { what: format!("{actor} commented:"), quoted, changes: Vec::new() }))
        }
        News::Change { revisions: (1, 1), .. } => {
            let Some(parent) = parent else { return Ok(None) };
            let work = tx.find::<Work>(parent).await?;
            let quoted = work.map(|work| work.doc.body).filter(|body| !body.is_empty());
            let quoted = quoted.map(|body| body.chars().take(QUOTED_MAX).collect());
            Ok(Some(Told { what: format!("{actor} made this:"), quoted, changes: Vec::new() }))
        }
        News::Change { revisions, fields } => {
            let Some(parent) = parent else { return Ok(None) };
            let changes = changes(tx, parent, *revisions, fields, &item.actor).await?;
            Ok(Some(Told { what: format!("{actor} changed:"), quoted: None, changes }))
        }
    }
}

/// What a program sent.
async fn tell_sent(tx: &mut Tx, actor: &str, sent: &Sent) -> Result<Told> {
    let Sent { title, body, object, url, priority: _ } = sent;
    let mut changes: Vec<String> = url.iter().cloned().collect();
    if let Some(object) = object
        && tx.is_visible(object).await?
    {
        changes.push(name(object));
    }
    Ok(Told { what: format!("{actor}: {title}"), quoted: Some(body.clone()), changes })
}

/// What somebody changed, a line for each field.
async fn changes(
    tx: &mut Tx,
    parent: &Id,
    revisions: (u64, u64),
    fields: &[String],
    actor: &Id,
) -> Result<Vec<String>> {
    let stretch = Stretch { revisions, time: Span::default() };
    let history = tx.history(parent, stretch, false, CHANGES_MAX).await?;
    let changes = history.map(|(_, changes, _)| changes).unwrap_or_default();
    let own: Vec<(Json, Json)> = changes
        .into_iter()
        .filter(|change| change.event.actor == *actor)
        .filter_map(|change| change.objects)
        .collect();
    let deltas = match (own.first(), own.last()) {
        (Some((before, _)), Some((_, after))) => timeline_entries::deltas(before, after),
        _ => Vec::new(),
    };
    let mut lines = Vec::with_capacity(fields.len());
    for field in fields {
        let delta = deltas.iter().find(|delta| delta.name == *field);
        let label = field.trim_start_matches("custom_fields.").replace('_', " ");
        let values = match delta {
            Some(delta) => values(tx, delta).await?,
            None => None,
        };
        lines.push(values.map_or_else(|| label.clone(), |values| format!("{label}: {values}")));
    }
    Ok(lines)
}

/// A field before and after, if that fits into a line.
async fn values(tx: &mut Tx, delta: &FieldDelta) -> Result<Option<String>> {
    if delta.name == "body" {
        return Ok(None);
    }
    let old = match &delta.old_value {
        Some(value) => value_name(tx, value).await?,
        None => Some("–".to_owned()),
    };
    let new = match &delta.new_value {
        Some(value) => value_name(tx, value).await?,
        None => Some("–".to_owned()),
    };
    Ok(old.zip(new).map(|(old, new)| format!("{old} → {new}")))
}

/// A value in words; `None` if it takes more than that.
async fn value_name(tx: &mut Tx, value: &FieldValue) -> Result<Option<String>> {
    Ok(match value {
        FieldValue::Bool { value } => Some(if *value { "yes" } else { "no" }.to_owned()),
        // `2026-01-01T12:00:00.000Z`
        FieldValue::DateTime { value } => {
            value.get(..16).map(|minute| format!("{} UTC", minute.replace('T', " ")))
        }
        FieldValue::Double { value } => Some(value.to_string()),
        FieldValue::Int { value } => Some(value.to_string()),
        FieldValue::String { value } | FieldValue::Stage { name: value, .. } => Some(value.clone()),
        FieldValue::StringList { values } => Some(values.join(", ")),
        FieldValue::Id { value } => object_names(tx, std::slice::from_ref(value)).await?,
        FieldValue::IdList { values } => object_names(tx, values).await?,
        FieldValue::TagSummaryList { values } => {
            let names = values.iter().filter_map(|tag| tag.name.clone());
            Some(names.collect::<Vec<_>>().join(", "))
        }
        _ => None,
    })
}

/// The names of objects, of which these are the DONs.
async fn object_names(tx: &mut Tx, dons: &[String]) -> Result<Option<String>> {
    let org = tx.cx().org.clone();
    let ids: Vec<Id> = dons.iter().filter_map(|don| Id::parse(don, &org).ok()).collect();
    let x = tx.expand(ids.clone()).await?;
    let named = ids.iter().map(|id| {
        let summary = x.embed::<Json>(id)?;
        let summary: Json = serde_json::from_str(summary.rendered().get()).ok()?;
        let of = |member: &str| summary[member].as_str().map(ToOwned::to_owned);
        of("display_name").or_else(|| of("name")).or_else(|| of("title")).or(id.display_id())
    });
    let names: Option<Vec<String>> = named.collect();
    Ok(names.map(|names| names.join(", ")))
}

/// The name of a user.
async fn person_name(tx: &mut Tx, id: &Id) -> Result<String> {
    let don = tx.cx().don(id);
    Ok(object_names(tx, &[don]).await?.unwrap_or_else(|| "Somebody".to_owned()))
}

/// The page that a letter is.
struct Page<'a> {
    told: &'a [Told],
    object: &'a str,
    address: &'a str,
    reason: &'a str,
}

impl Page<'_> {
    fn text(&self, unsubscribe: &str) -> String {
        let mut text = String::new();
        for Told { what, quoted, changes } in self.told {
            let _ = writeln!(text, "{what}\n");
            for line in quoted.iter().flat_map(|body| body.lines()) {
                let _ = writeln!(text, "> {line}");
            }
            for change in changes {
                let _ = writeln!(text, "* {change}");
            }
            text.push('\n');
        }
        let Page { object, address, reason, .. } = self;
        let _ = write!(
            text,
            "-- \n{object}: {address}\n{reason}\nNo more mail about {object}: {unsubscribe}\n"
        );
        text
    }

    fn html(&self, unsubscribe: &str) -> String {
        let mut html = String::from("<!doctype html><html><body>");
        for Told { what, quoted, changes } in self.told {
            let _ = write!(html, "<p>{}</p>", escaped(what));
            if let Some(body) = quoted {
                let _ = write!(
                    html,
                    "<blockquote style=\"white-space: pre-wrap; margin: 0 0 1em; \
                     padding-left: 1em; border-left: 3px solid #ccc\">{}</blockquote>",
                    escaped(body)
                );
            }
            if !changes.is_empty() {
                html.push_str("<ul>");
                for change in changes {
                    let _ = write!(html, "<li>{}</li>", escaped(change));
                }
                html.push_str("</ul>");
            }
        }
        let Page { object, address, reason, .. } = self;
        let (object, address) = (escaped(object), escaped(address));
        let _ = write!(
            html,
            "<p style=\"color: #666\"><a href=\"{address}\">{object}</a><br>{reason} \
             <a href=\"{}\">No more mail about {object}</a></p></body></html>",
            escaped(unsubscribe)
        );
        html
    }
}

/// A text within a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_part_of_the_address() {
        for (address, expected) in [
            ("https://tracker.example.org", "tracker.example.org"),
            ("http://127.0.0.1:8080", "127.0.0.1"),
            ("x", "x"),
            ("", "localhost"),
        ] {
            assert_eq!(host(address), expected);
        }
    }

    #[test]
    fn what_people_write_is_no_markup() {
        let told = [Told {
            what: "Bob <b> commented:".to_owned(),
            quoted: Some("<script>alert(1)</script>\n-- \n\"x\" & y".to_owned()),
            changes: vec!["title: <i> → \"j\"".to_owned()],
        }];
        let (object, address) = ("ISS-1", "https://a.example/ISS-1");
        let page = Page { told: &told, object, address, reason: "Because." };
        let html = page.html("https://a.example/unsubscribe?token=a.b&x=\"");
        for raw in ["<script>", "<b>", "<i>", "=\"\""] {
            assert!(!html.contains(raw), "{raw}: {html}");
        }
        let expected = "Bob <b> commented:\n\n> <script>alert(1)</script>\n> -- \n> \"x\" & y\n\
                        * title: <i> → \"j\"\n\n-- \nISS-1: https://a.example/ISS-1\nBecause.\n\
                        No more mail about ISS-1: u\n";
        assert_eq!(page.text("u"), expected);
    }
}
