//! An issue as GitHub's REST API returns it. Members that have no meaning here are not listed, and
//! may be anything.

use serde::{Deserialize, Deserializer, de};
use serde_json::Value as Json;
use worksmith_wire::Timestamp;

use super::shape;
use crate::import::Report;

/// An issue or a pull request.
#[derive(Clone, Debug, Deserialize)]
pub struct Item {
    /// Its page.
    pub html_url: String,
    /// Its id, which stays the same when its repository moves.
    pub(super) id: Option<u64>,
    /// The same in GitHub's other kind of id, which is a text.
    pub(super) node_id: Option<String>,
    /// Its number in its repository.
    pub number: u64,
    pub(super) title: String,
    pub(super) body: Option<String>,
    /// Absent when GitHub has lost the author.
    pub(super) user: Option<Person>,
    #[serde(default)]
    pub(super) labels: Vec<Label>,
    pub(super) state: State,
    pub(super) state_reason: Option<String>,
    /// Superseded by `assignees`, which older answers lack.
    assignee: Option<Person>,
    #[serde(default)]
    assignees: Vec<Person>,
    pub(super) milestone: Option<Milestone>,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    pub(super) closed_at: Option<Time>,
    pull_request: Option<PullRequest>,
    // The following members are only counted.
    #[serde(default)]
    locked: bool,
    #[serde(default)]
    comments: u64,
    reactions: Option<Total>,
    draft: Option<bool>,
    closed_by: Option<Person>,
    sub_issues_summary: Option<SubIssues>,
    r#type: Option<Json>,
}

/// An author or assignee.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) login: String,
}

/// A label; very old answers have only its name.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Label {
    Named(String),
    Whole { name: String, color: Option<String> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Open,
    Closed,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Milestone {
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) state: State,
    pub(super) created_at: Option<Time>,
    pub(super) due_on: Option<Time>,
}

#[derive(Clone, Debug, Deserialize)]
struct PullRequest {
    merged_at: Option<Time>,
}

/// How many there are of something.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Total {
    pub(super) total_count: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct SubIssues {
    total: u64,
}

/// An instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || de::Error::custom(format!("{text:?} is no time as GitHub writes it"));
        Timestamp::parse(&text).map(Self).ok_or_else(wrong)
    }
}

impl Item {
    /// Parses an item. The error says what is wrong with it, worded to follow its name.
    pub fn read(value: Json) -> Result<Self, String> {
        if let Some(wrong) = shape::wrong(&value) {
            return Err(format!(
                "{wrong}; the file must hold issues as GitHub's REST API answers them"
            ));
        }
        serde_json::from_value(value).map_err(|_| "can't be read as an issue of GitHub".to_owned())
    }

    /// Whether it is a pull request, which GitHub lists among the issues.
    pub fn is_pull_request(&self) -> bool {
        self.pull_request.is_some()
    }

    pub(super) fn assignees(&self) -> impl Iterator<Item = &Person> {
        let only = self.assignee.as_ref().filter(|_| self.assignees.is_empty());
        self.assignees.iter().chain(only)
    }

    /// Counts what has no place here.
    pub(super) fn lose(&self, report: &mut Report) {
        let is = u64::from;
        let merged = self.pull_request.as_ref().is_some_and(|pull| pull.merged_at.is_some());
        let reactions = self.reactions.as_ref().map_or(0, |total| total.total_count);
        let parts = self.sub_issues_summary.as_ref().map_or(0, |parts| parts.total);
        let changed = self.updated_at.0 != self.created_at.0;
        for (what, count) in [
            ("comments: the answer has only their number; import them, too", self.comments),
            ("reactions: the answer has only their number", reactions),
            ("locks of conversations: works have none", is(self.locked)),
            ("drafts: works have no such mark", is(self.draft == Some(true))),
            ("merges of pull requests: works have no such mark", is(merged)),
            ("types of issues: works have none but issue", is(self.r#type.is_some())),
            ("links to sub-issues: the answer has only their number", parts),
            ("who closed it: works don't keep that", is(self.closed_by.is_some())),
            ("who changed it last: the answer doesn't say; the bot stands for them", is(changed)),
            ("authors: GitHub has lost them; the bot stands for them", is(self.user.is_none())),
        ] {
            report.lose(what, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn whole() -> Json {
        let person = json!({ "id": 1, "login": "mona" });
        json!({
            "html_url": "https://github.com/o/n/issues/1", "number": 1, "title": "x",
            "body": null, "user": person, "labels": ["old", { "name": "new", "color": null }],
            "state": "open", "state_reason": null, "assignee": person, "assignees": [person],
            "milestone": {
                "title": "m", "description": null, "state": "closed",
                "created_at": "2024-01-01T00:00:00Z", "due_on": null,
            },
            "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z",
            "closed_at": null, "pull_request": { "merged_at": null }, "locked": false,
            "comments": 3, "reactions": { "total_count": 2 }, "draft": true, "closed_by": person,
            "sub_issues_summary": { "total": 1 }, "type": { "name": "Bug" }, "more": 1,
        })
    }

    #[test]
    fn whatever_has_the_shape_is_read_and_all_else_is_named() {
        assert!(Item::read(whole()).is_ok());
        // With any value in any place, the item is either rejected by name or parsed.
        let values = [
            json!(null),
            json!(1),
            json!(-1),
            json!(1.5),
            json!("x"),
            json!([]),
            json!({}),
            json!(true),
            json!([1]),
            json!(["x"]),
        ];
        let pointers = [
            "number",
            "title",
            "body",
            "user",
            "user/id",
            "labels",
            "labels/1",
            "labels/1/name",
            "state",
            "assignees",
            "assignees/0/login",
            "milestone",
            "milestone/state",
            "created_at",
            "closed_at",
            "pull_request",
            "locked",
            "comments",
            "reactions",
            "reactions/total_count",
            "draft",
            "sub_issues_summary",
        ];
        for pointer in pointers {
            for value in &values {
                let mut item = whole();
                *item.pointer_mut(&format!("/{pointer}")).unwrap() = value.clone();
                if let Err(wrong) = Item::read(item) {
                    let begins = pointer.split('/').next().unwrap();
                    assert!(wrong.starts_with(begins), "{pointer} {value}: {wrong}");
                }
            }
        }
        for (name, expected) in
            [("html_url", "html_url is missing; "), ("state", "state is missing; ")]
        {
            let mut item = whole();
            item.as_object_mut().unwrap().remove(name);
            assert!(Item::read(item).unwrap_err().starts_with(expected));
        }
        assert!(Item::read(json!(5)).unwrap_err().starts_with("is a number, and no issue; "));
    }
}
