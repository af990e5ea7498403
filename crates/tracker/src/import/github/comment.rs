//! A comment on an issue, as GitHub's REST API returns it.

use serde::Deserialize;
use serde_json::Value as Json;
use worksmith_engine::Authorship;
use worksmith_kernel::Result;
use worksmith_talk::timeline_entries::{self, Imported, Outcome};
use worksmith_wire::ApiError;
use worksmith_work::works::{self, Work};

use super::item::{Person, Time, Total};
use super::{BODY_MAX, Importer, home, shape};

/// A comment.
#[derive(Clone, Debug, Deserialize)]
pub struct Comment {
    /// Its page, which is a place on that of the issue.
    pub html_url: String,
    /// Its id, which stays the same when its repository moves.
    id: u64,
    body: Option<String>,
    /// Absent when GitHub has lost the author.
    user: Option<Person>,
    created_at: Time,
    updated_at: Time,
    /// Only counted.
    reactions: Option<Total>,
}

impl Comment {
    /// Parses a comment. The error says what is wrong with it, worded to follow its name.
    pub(super) fn read(value: Json) -> std::result::Result<Self, String> {
        if let Some(wrong) = shape::wrong_comment(&value) {
            return Err(format!(
                "{wrong}; the file must hold comments as GitHub's REST API answers them"
            ));
        }
        serde_json::from_value(value).map_err(|_| "can't be read as a comment of GitHub".to_owned())
    }
}

impl Importer<'_> {
    /// Imports a comment on an issue that is here.
    pub(super) async fn comment(&mut self, comment: &Comment) -> Result<()> {
        self.report.read += 1;
        let Some((page, _)) = comment.html_url.split_once('#') else {
            let message = format!(
                "html_url: {:?} is no page of a comment, such as \
                 https://github.com/owner/name/issues/1#issuecomment-2",
                comment.html_url
            );
            return Err(ApiError::invalid_field("html_url", message).into());
        };
        let host = home(page)?.host;
        let Some(work) = self.work_on(page).await? else {
            self.skip("comments on what is not here: import its issue, or pull request, first");
            return Ok(());
        };
        let body = comment.body.as_deref().unwrap_or_default();
        let body = self.report.fit(body, BODY_MAX, "bodies of comments");
        if body.is_empty() {
            self.skip("comments without a text");
            return Ok(());
        }
        let author = if let Some(person) = &comment.user {
            self.user(host, person).await?
        } else {
            self.report.lose("authors: GitHub has lost them; the bot stands for them", 1);
            self.bot.clone()
        };
        let reactions = comment.reactions.as_ref().map_or(0, |total| total.total_count);
        self.report.lose("reactions: the answer has only their number", reactions);
        let imported = Imported {
            object: work.id().clone(),
            body,
            external_ref: format!("{}/comments/{}", host.to_lowercase(), comment.id),
            authorship: Authorship {
                created_at: comment.created_at.0,
                created_by: author.clone(),
                modified_at: comment.updated_at.0,
                modified_by: author,
            },
        };
        let what = match timeline_entries::import(self.tx, imported).await? {
            Outcome::Created => "comments created",
            Outcome::Updated => "comments updated",
            Outcome::Unchanged => "comments unchanged",
        };
        self.report.note(what);
        Ok(())
    }

    /// The work that was imported from a page.
    async fn work_on(&mut self, page: &str) -> Result<Option<worksmith_kernel::Stored<Work>>> {
        let options = self.options;
        let spellings = options.earlier.spellings(page);
        for page in std::iter::once(page.to_owned()).chain(spellings) {
            if let Some(id) = self.tx.find_name(works::ISSUE_REF, &page).await? {
                return self.tx.find::<Work>(&id).await;
            }
        }
        Ok(None)
    }
}
