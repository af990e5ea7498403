//! Snap widgets: what comments show besides their text. A widget is seen in the comments that show
//! it, and nowhere else.

use serde::{Deserialize, Serialize};
use worksmith_engine::{One, Op, OpTable, Tx};
use worksmith_kernel::{Cond, Expander, OpCtx, Reference, Resource, Result, Stored};
use worksmith_org::artifacts;
use worksmith_wire::common::AtomSummary;
use worksmith_wire::snap_widgets::{
    self, CreateEmailInfo, CreateInline, CreateRequest, EmailInfo, EmailInline, EmailPreview,
    Namespace, WidgetStatus,
};
use worksmith_wire::{Id, Kind, Timestamp};

/// The document of a widget that shows an email.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapWidget {
    /// The name.
    pub name: String,
    /// What it is for.
    pub namespace: Option<Namespace>,
    /// Whether it is ready to be shown.
    pub status: WidgetStatus,
    /// Who received a copy of the email without the others knowing.
    pub bcc: Vec<Person>,
    /// Who received a copy of the email.
    pub cc: Vec<Person>,
    /// Who sent the email.
    pub from: Vec<Person>,
    /// The text of the email, in HTML.
    pub html_body: Option<String>,
    /// The id of the email that this one answers.
    pub in_reply_to: Option<String>,
    /// The files within the text.
    pub inlines: Vec<Inline>,
    /// Whether the email is junk.
    pub is_spam: Option<bool>,
    /// The id of the email.
    pub message_id: Option<String>,
    /// The email as it was received, as a file.
    pub raw_email_artifact: Option<Id>,
    /// The ids of the emails that came before.
    pub references: Vec<String>,
    /// Who gets the answer.
    pub reply_to: Vec<Person>,
    /// When the email was sent.
    pub sent_timestamp: Option<Timestamp>,
    /// What the email is about.
    pub subject: Option<String>,
    /// The text of the email, without formats.
    pub text_body: Option<String>,
    /// Who received the email.
    pub to: Vec<Person>,
}

/// Somebody who sent or received an email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The address.
    pub address: String,
    /// The name.
    pub name: Option<String>,
    /// The user with this address.
    pub user: Option<Id>,
}

/// A file within the text of an email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inline {
    /// The file.
    pub artifact: Option<Id>,
    /// The id by which the text names it.
    pub content_id: Option<String>,
}

const USERS: Reference<SnapWidget> = Reference::new("user", |widget, visit| {
    widget.people().filter_map(|person| person.user.as_ref()).for_each(visit);
});
const RAW_EMAIL: Reference<SnapWidget> = Reference::new("raw_email_artifact", |widget, visit| {
    widget.raw_email_artifact.iter().for_each(visit);
});
const INLINES: Reference<SnapWidget> = Reference::new("inlines.artifact", |widget, visit| {
    widget.inlines.iter().filter_map(|inline| inline.artifact.as_ref()).for_each(visit);
});

impl Resource for SnapWidget {
    const TABLE_NAME: &'static str = "snap_widgets";
    const KINDS: &'static [Kind] = &[Kind::SnapWidget];
    const REFS: &'static [Reference<Self>] = &[USERS, RAW_EMAIL, INLINES];
    const ONE: &'static str = "snap_widget";
    const MANY: &'static str = "snap_widgets";
    type Object = snap_widgets::SnapWidget;
    type Summary = AtomSummary;

    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        cx.actor.is_customer().then(Cond::never)
    }

    /// Comments show the whole widget.
    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        visit(&stored.meta.created_by);
        visit(&stored.meta.modified_by);
        stored.doc.refs(&mut |_, id| visit(id));
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> snap_widgets::SnapWidget {
        let Self {
            name,
            namespace,
            status,
            bcc,
            cc,
            from,
            html_body,
            in_reply_to,
            inlines,
            is_spam,
            message_id,
            raw_email_artifact,
            references,
            reply_to,
            sent_timestamp,
            subject,
            text_body,
            to,
        } = stored.doc.clone();
        let people = |people: Vec<Person>| {
            let info = |Person { address, name, user }| EmailInfo {
                address,
                name,
                user: x.embed_opt(user.as_ref()),
            };
            people.into_iter().map(info).collect()
        };
        let inline = |Inline { artifact, content_id }| EmailInline {
            artifact: x.embed_opt(artifact.as_ref()),
            content_id,
        };
        snap_widgets::SnapWidget::EmailPreview(Box::new(EmailPreview {
            head: x.base(&stored.meta),
            name,
            namespace,
            status,
            bcc: people(bcc),
            cc: people(cc),
            from: people(from),
            html_body,
            in_reply_to,
            inlines: inlines.into_iter().map(inline).collect(),
            is_spam,
            message_id,
            raw_email_artifact: x.embed_opt(raw_email_artifact.as_ref()),
            references,
            reply_to: people(reply_to),
            sent_timestamp: sent_timestamp.map(Into::into),
            subject,
            text_body,
            to: people(to),
        }))
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

impl SnapWidget {
    /// Everybody who is named.
    fn people(&self) -> impl Iterator<Item = &Person> {
        let Self { bcc, cc, from, reply_to, to, .. } = self;
        [bcc, cc, from, reply_to, to].into_iter().flatten()
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<SnapWidget>();
    table.follow(artifacts::follow::<SnapWidget>);
    table.add(Op::create("snap-widgets.create", "snap_widget"), create);
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<SnapWidget>> {
    let CreateRequest {
        r#type: _,
        name,
        namespace,
        status,
        bcc,
        cc,
        from,
        html_body,
        in_reply_to,
        inlines,
        is_spam,
        message_id,
        raw_email_artifact,
        references,
        reply_to,
        sent_timestamp,
        subject,
        text_body,
        to,
    } = request;
    let people = |people: Vec<CreateEmailInfo>| {
        let person = |CreateEmailInfo { address, name, user }| Person {
            address: address.into(),
            name: name.map(Into::into),
            user: user.map(Into::into),
        };
        people.into_iter().map(person).collect()
    };
    let inline = |CreateInline { artifact, content_id }| Inline {
        artifact: artifact.map(Into::into),
        content_id: content_id.map(Into::into),
    };
    let widget = SnapWidget {
        name: name.into(),
        namespace,
        status: status.unwrap_or(WidgetStatus::Published),
        bcc: people(bcc.0),
        cc: people(cc.0),
        from: people(from.0),
        html_body: html_body.map(Into::into),
        in_reply_to: in_reply_to.map(Into::into),
        inlines: inlines.0.into_iter().map(inline).collect(),
        is_spam,
        message_id: message_id.map(Into::into),
        raw_email_artifact: raw_email_artifact.map(Into::into),
        references: references.0.into_iter().map(Into::into).collect(),
        reply_to: people(reply_to.0),
        sent_timestamp,
        subject: subject.map(Into::into),
        text_body: text_body.map(Into::into),
        to: people(to.0),
    };
    let stored = tx.insert(Kind::SnapWidget, widget).await?;
    tx.one(&stored).await
}
