//! What issues refer to: users, tags, the product, the board and its sprints.

use worksmith_kernel::Result;
use worksmith_org::dev_users::{self, DevUser};
use worksmith_org::tags::{self, Tag};
use worksmith_wire::common::UserState;
use worksmith_wire::dev_users::ExternalIdentity;
use worksmith_wire::tags::TagStyle;
use worksmith_wire::vistas::groups::{SprintState, VistaGroupItemType};
use worksmith_wire::vistas::{FilterType, VistaFlavor, VistaType};
use worksmith_wire::{Color, Id, Kind};
use worksmith_work::parts::{Code, Part};
use worksmith_work::vistas::Vista;
use worksmith_work::vistas::groups::{self, VistaGroupItem};

use super::Importer;
use super::item::{Label, Milestone, Person, State};

/// The longest name of anything.
const NAME_MAX: usize = 256;

impl Importer<'_> {
    /// The user for a person, found by identity, or by the address that GitHub provides for people
    /// who keep theirs private. Otherwise a new user is created, who can't act here until an admin
    /// activates them.
    pub(super) async fn user(&mut self, host: &str, person: &Person) -> Result<Id> {
        let login = self.report.fit(&person.login, NAME_MAX, "names of users");
        let key = (host.to_owned(), person.id);
        match self.users.get(&key) {
            Some((last, id)) if *last == login => return Ok(id.clone()),
            _ => {}
        }
        let id = self.user_named(host, person, login.clone()).await?;
        self.users.insert(key, (login, id.clone()));
        Ok(id)
    }

    /// Whether work can be assigned to a user.
    pub(super) async fn can_be_assigned(&mut self, user: &Id) -> Result<bool> {
        if let Some(known) = self.can_be_assigned.get(user) {
            return Ok(*known);
        }
        let can = dev_users::can_be_assigned(self.tx, user).await?;
        self.can_be_assigned.insert(user.clone(), can);
        Ok(can)
    }

    async fn user_named(&mut self, host: &str, person: &Person, login: String) -> Result<Id> {
        let identity = ExternalIdentity {
            display_name: Some(login.clone()),
            id: person.id.to_string(),
            is_verified: false,
            issuer: host.to_owned(),
        };
        let email = format!("{}+{login}@users.noreply.{host}", person.id);
        let found = match dev_users::of_identity(self.tx, &identity).await? {
            Some(id) => Some(id),
            None => dev_users::of_email(self.tx, &email).await?,
        };
        let found = match found {
            Some(id) => self.tx.find::<DevUser>(&id).await?,
            None => None,
        };
        let Some(old) = found else {
            let user = DevUser {
                display_name: login,
                external_identities: vec![identity],
                ..DevUser::new(&email, UserState::Shadow)
            };
            let stored = self.tx.insert(Kind::DevUser, user).await?;
            self.report.note("users created");
            return Ok(stored.meta.id);
        };
        let id = old.id().clone();
        let mut user = old.doc.clone();
        match user.external_identities.iter_mut().find(|known| known.issuer == host) {
            // The merge of two users has settled who this is.
            Some(known) if known.id != identity.id => {}
            Some(known) => {
                if known.display_name.as_ref() == Some(&user.display_name) {
                    user.display_name = login;
                }
                known.display_name = identity.display_name;
            }
            None => user.external_identities.push(identity),
        }
        if user != old.doc {
            self.tx.update(old, user).await?;
            self.report.note("users updated");
        }
        Ok(id)
    }

    /// The tag with a label's name; none if nothing of the name is usable.
    pub(super) async fn tag(&mut self, label: &Label) -> Result<Option<Id>> {
        let (name, color) = match label {
            Label::Named(name) => (name, None),
            Label::Whole { name, color } => (name, color.as_ref()),
        };
        let name = self.report.fit(name, NAME_MAX, "names of labels");
        if name.is_empty() {
            self.report.lose("labels without a name: tags need one", 1);
            return Ok(None);
        }
        match self.tags.get(&name) {
            Some((last, id)) if last.as_ref() == color => return Ok(Some(id.clone())),
            _ => {}
        }
        let id = self.tag_named(name.clone(), color).await?;
        self.tags.insert(name, (color.cloned(), id.clone()));
        Ok(Some(id))
    }

    async fn tag_named(&mut self, name: String, color: Option<&String>) -> Result<Id> {
        let color = color.and_then(|color| Color::parse(format!("#{color}")));
        let style = color.map(|color| TagStyle { color });
        let known = match self.tx.find_name(tags::NAMES, &name).await? {
            Some(id) => self.tx.find::<Tag>(&id).await?,
            None => None,
        };
        let Some(old) = known else {
            let tag = Tag { name, description: None, allowed_values: Vec::new(), style_new: style };
            let stored = self.tx.insert(Kind::Tag, tag).await?;
            self.report.note("tags created");
            return Ok(stored.meta.id);
        };
        let id = old.id().clone();
        let tag = Tag { style_new: style.or(old.doc.style_new.clone()), ..old.doc.clone() };
        if tag != old.doc {
            self.tx.update(old, tag).await?;
            self.report.note("tags updated");
        }
        Ok(id)
    }

    /// The part that new issues of a repository apply to.
    pub(super) async fn part(&mut self, repository: &str) -> Result<Id> {
        if let Some(part) = &self.options.part {
            return Ok(part.clone());
        }
        if self.product(repository).await?.is_none() {
            self.look_for_former_name(repository).await?;
        }
        match self.product(repository).await? {
            Some(product) => Ok(product),
            None => self.make_product(repository).await,
        }
    }

    async fn make_product(&mut self, repository: &str) -> Result<Id> {
        let product = Part {
            name: repository.to_owned(),
            description: None,
            owned_by: vec![self.bot.clone()],
            parent_part: None,
            tags: Vec::new(),
            artifacts: Vec::new(),
            stage_v2: None,
            target_start_date: None,
            target_close_date: None,
            actual_start_date: None,
            actual_close_date: None,
            release_notes: None,
            code: Code::default(),
        };
        let stored = self.tx.insert(Kind::Product, product).await?;
        self.report.note("products created");
        self.products.insert(repository.to_owned(), stored.meta.id.clone());
        Ok(stored.meta.id)
    }

    /// The sprint board of a repository.
    async fn board(&mut self, repository: &str) -> Result<Id> {
        if self.board_named(repository).await?.is_none() {
            self.look_for_former_name(repository).await?;
        }
        if let Some(board) = self.board_named(repository).await? {
            return Ok(board);
        }
        let board = Vista {
            r#type: VistaType::Grouped,
            name: repository.to_owned(),
            description: None,
            filter_type: Some(FilterType::Works),
            filter: None,
            items: Vec::new(),
            flavor: Some(VistaFlavor::SprintBoard),
            applies_to_part: vec![self.part(repository).await?],
        };
        self.report.note("sprint boards created");
        let id = self.tx.insert(Kind::Vista, board).await?.meta.id;
        self.boards.insert(repository.to_owned(), id.clone());
        Ok(id)
    }

    /// The sprint for a milestone.
    pub(super) async fn sprint(&mut self, repository: &str, given: &Milestone) -> Result<Id> {
        let board = self.board(repository).await?;
        let name = self.report.fit(&given.title, NAME_MAX, "titles of milestones");
        let start = given.created_at.map(|at| at.0);
        let due = given.due_on.map(|at| at.0);
        let item = VistaGroupItem {
            parent_id: board.clone(),
            object_type: FilterType::Works,
            r#type: VistaGroupItemType::Curated,
            name: name.clone(),
            start_date: start,
            // A sprint can't end before it begins; a milestone that was created after its due date
            // can.
            end_date: due.filter(|due| start.is_none_or(|start| *due > start)),
            state: match given.state {
                State::Open => SprintState::Active,
                State::Closed => SprintState::Completed,
            },
            applies_to_part: Vec::new(),
        };
        if due.is_some() && item.end_date.is_none() {
            self.report.lose("due dates of their milestones that lie before its start", 1);
        }
        if given.description.as_deref().is_some_and(|text| !text.is_empty()) {
            self.report.lose("descriptions of their milestones: sprints have none", 1);
        }
        let known = match self.sprints.get(&(board.clone(), name.clone())).cloned() {
            Some(id) => self.tx.find::<VistaGroupItem>(&id).await?,
            None => None,
        };
        let id = if let Some(old) = known {
            let id = old.id().clone();
            // Everything but the dates and the state is up to people here.
            let VistaGroupItem { start_date, end_date, state, .. } = item;
            let sprint = VistaGroupItem { start_date, end_date, state, ..old.doc.clone() };
            if sprint != old.doc {
                self.tx.update(old, sprint).await?;
                self.report.note("sprints updated");
            }
            id
        } else {
            self.report.note("sprints created");
            groups::insert(self.tx, item).await?.meta.id
        };
        self.sprints.insert((board, name), id.clone());
        Ok(id)
    }
}
