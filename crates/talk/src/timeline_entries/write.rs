//! Creating, changing and deleting comments.

use worksmith_engine::Tx;
use worksmith_kernel::{OpCtx, Result, Stored};
use worksmith_wire::common::Empty;
use worksmith_wire::timeline_entries::{
    CommentBodyType, CreateComment, CreateRequest, DeleteRequest, EntryResponse, UpdateRequest,
    Visibility,
};
use worksmith_wire::{ApiError, Apply, Id, Kind, Patch, Timestamp, distinct};

use super::comment::{self, Comment};
use super::{mentions, reach, show};

/// How long a comment lasts at least, in milliseconds.
const SHORTEST_MS: i64 = 60_000;
/// How many files, or previews, a comment can have.
const LIST_MAX: usize = 50;

pub(super) async fn create(tx: &mut Tx, request: CreateRequest) -> Result<EntryResponse> {
    let CreateRequest {
        r#type: _,
        object,
        collections,
        expires_at,
        labels,
        private_to,
        visibility,
        comment,
    } = request;
    let object = place(tx, object.into()).await?;
    let visibility = visibility_of(tx.cx(), visibility)?;
    let private_to: Vec<Id> = distinct(private_to.0);
    if !private_to.is_empty() && visibility != Visibility::Private {
        let message = "private_to is for entries with visibility private";
        return Err(ApiError::not_permitted("private_to", message).into());
    }
    check_end(tx.cx().now, expires_at)?;
    let mut comment = content(&object, comment)?;
    comment.visibility = visibility;
    comment.private_to = private_to;
    comment.labels = distinct(labels.0);
    comment.expires_at = expires_at;
    if !collections.0.is_empty() {
        comment.collections = distinct(collections.0);
    }
    if let Some(external_ref) = &comment.external_ref {
        must_be_free(tx, &comment.timeline, external_ref, None).await?;
    }
    if let Some(body) = &comment.body {
        comment.references = mentions::of(tx, body).await?;
    }
    let stored = tx.insert_of(&object, Kind::Comment, comment, None).await?;
    show::response(tx, &stored).await
}

/// The object of a new comment. A thread has one level: a reply has no replies.
async fn place(tx: &mut Tx, object: Id) -> Result<Id> {
    let object = reach::object(tx, object).await?;
    if let Some(parent) = tx.find::<Comment>(&object).await? {
        if parent.doc.is_deleted {
            return Err(tx.not_found(&object));
        }
        if parent.doc.object.kind() == Kind::Comment {
            let message = "object is a reply, which can't have replies; name the comment it is to";
            return Err(ApiError::not_permitted("object", message).into());
        }
    }
    Ok(object)
}

/// What customers write is for all who see the object.
fn visibility_of(cx: &OpCtx, wanted: Option<Visibility>) -> Result<Visibility> {
    let visibility = wanted.unwrap_or(Visibility::External);
    let is_open = matches!(visibility, Visibility::External | Visibility::Public);
    if cx.actor.is_customer() && !is_open {
        let message = format!("customers can't write {} entries", visibility.as_str());
        return Err(ApiError::not_permitted("visibility", message).into());
    }
    Ok(visibility)
}

fn check_end(now: Timestamp, expires_at: Option<Timestamp>) -> Result<()> {
    if expires_at.is_some_and(|end| end < now.plus_ms(SHORTEST_MS)) {
        let message = "expires_at must be at least a minute from now";
        return Err(ApiError::not_permitted("expires_at", message).into());
    }
    Ok(())
}

/// A new comment with what it says, for everybody who sees the object.
fn content(object: &Id, request: CreateComment) -> Result<Comment> {
    let CreateComment {
        artifacts,
        body,
        body_type,
        external_ref,
        link_previews,
        snap_kit_body,
        snap_widget_body,
    } = request;
    let default = if snap_kit_body.is_some() {
        CommentBodyType::SnapKit
    } else if snap_widget_body.0.is_empty() {
        CommentBodyType::Text
    } else {
        CommentBodyType::SnapWidget
    };
    let comment = Comment {
        body: body.map(String::from).filter(|body| !body.is_empty()),
        body_type: body_type.unwrap_or(default),
        snap_kit_body,
        snap_widget_body: distinct(snap_widget_body.0),
        link_previews: distinct(link_previews.0),
        artifacts: distinct(artifacts.0),
        external_ref: external_ref.map(String::from),
        ..Comment::on(object)
    };
    check_body(&comment)?;
    Ok(comment)
}

/// Refuses a comment that does not say what its type requires.
fn check_body(comment: &Comment) -> Result<()> {
    let body_type = comment.body_type;
    let has_kit = comment.snap_kit_body.is_some();
    let has_widgets = !comment.snap_widget_body.is_empty();
    for (has, field, required) in [
        (has_kit, "snap_kit_body", CommentBodyType::SnapKit),
        (has_widgets, "snap_widget_body", CommentBodyType::SnapWidget),
    ] {
        if has && body_type != required {
            let required = required.as_str();
            let message = format!("a comment with a {field} has the body_type {required}");
            return Err(ApiError::not_permitted("body_type", message).into());
        }
    }
    let missing = match body_type {
        CommentBodyType::SnapKit => (!has_kit).then_some("snap_kit_body"),
        CommentBodyType::SnapWidget => (!has_widgets).then_some("snap_widget_body"),
        CommentBodyType::Data => comment.body.is_none().then_some("body"),
        CommentBodyType::Text => {
            let is_empty = comment.body.is_none() && comment.artifacts.is_empty();
            is_empty.then_some("body")
        }
    };
    missing.map_or(Ok(()), |field| Err(ApiError::missing(field).into()))
}

/// Refuses an external reference that another comment of the timeline has. One that has expired
/// makes room: nobody sees it any more.
async fn must_be_free(
    tx: &mut Tx,
    timeline: &str,
    external_ref: &str,
    own: Option<&Id>,
) -> Result<()> {
    let Some(holder) = comment::with_ref(tx, timeline, external_ref).await? else { return Ok(()) };
    if Some(&holder) == own {
        return Ok(());
    }
    let now = tx.cx().now;
    let found = tx.find::<Comment>(&holder).await?;
    if let Some(expired) = found.filter(|found| found.doc.is_expired(now)) {
        return give_up_ref(tx, expired).await;
    }
    // The caller may not see who has it.
    let message = format!("external_ref {external_ref:?} is taken in this timeline");
    Err(ApiError::conflict(message).at("external_ref").into())
}

/// Takes its external reference from a comment that has expired. The comment itself waits for
/// [`super::expire`], which deletes its replies, too.
pub(super) async fn give_up_ref(tx: &mut Tx, expired: Stored<Comment>) -> Result<()> {
    let comment = Comment { external_ref: None, ..expired.doc.clone() };
    tx.update(expired, comment).await.map(drop)
}

pub(super) async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<EntryResponse> {
    let UpdateRequest {
        id,
        r#type: _,
        artifacts,
        body,
        body_type,
        external_ref,
        link_previews,
        snap_kit_body,
    } = request;
    let old = reach::find(tx, &id).await?;
    reach::must_be_author(tx, &old)?;
    let mut comment = old.doc.clone();
    artifacts.apply(&mut comment.artifacts);
    link_previews.apply(&mut comment.link_previews);
    for (field, list) in
        [("artifacts", &comment.artifacts), ("link_previews", &comment.link_previews)]
    {
        check_length(field, list)?;
    }
    let has_kit = snap_kit_body.is_some();
    let new_type = body_type.or(has_kit.then_some(CommentBodyType::SnapKit));
    // A body of another type goes with its type.
    if new_type.is_some_and(|new_type| new_type != CommentBodyType::SnapKit) {
        comment.snap_kit_body = None;
    }
    if new_type.is_some_and(|new_type| new_type != CommentBodyType::SnapWidget) {
        comment.snap_widget_body.clear();
    }
    if has_kit {
        comment.snap_kit_body = snap_kit_body;
    }
    new_type.apply(&mut comment.body_type);
    if let Some(body) = body.map(String::from) {
        comment.references = mentions::of(tx, &body).await?;
        comment.body = Some(body).filter(|body| !body.is_empty());
    }
    check_body(&comment)?;
    if let Patch::Value(text) = &external_ref {
        must_be_free(tx, &comment.timeline, text, Some(old.id())).await?;
    }
    external_ref.apply(&mut comment.external_ref);
    let stored = tx.update(old, comment).await?;
    show::response(tx, &stored).await
}

fn check_length(field: &str, list: &[Id]) -> Result<()> {
    if list.len() <= LIST_MAX {
        return Ok(());
    }
    let message = format!("{field} would have {} elements, at most {LIST_MAX}", list.len());
    let error = ApiError::not_permitted(field, message);
    Err(error.with("reason", format!("max_items {LIST_MAX}")).into())
}

/// What remains is the place of the comment in the timeline, with its replies (BEHAVIOUR 20.3).
pub(super) async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let old = reach::find(tx, &request.id).await?;
    reach::must_be_author(tx, &old)?;
    let comment = Comment {
        body: None,
        snap_kit_body: None,
        snap_widget_body: Vec::new(),
        link_previews: Vec::new(),
        artifacts: Vec::new(),
        external_ref: None,
        references: Vec::new(),
        reactions: Vec::new(),
        is_deleted: true,
        ..old.doc.clone()
    };
    tx.update(old, comment).await?;
    Ok(Empty {})
}
