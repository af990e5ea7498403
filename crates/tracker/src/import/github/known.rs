//! Finding the works of items that were imported before, and repositories that were renamed since.
//!
//! An item is identified by its id, which stays the same when its repository is renamed, spelt in
//! another case or moved to another owner. Earlier versions stored only the address of its page.

use std::collections::{HashMap, HashSet};

use worksmith_engine::Tx;
use worksmith_kernel::{Column, Query, Result, Stored};
use worksmith_wire::vistas::VistaFlavor;
use worksmith_wire::{Id, Kind};
use worksmith_work::parts::{self, Part};
use worksmith_work::vistas::{self, Vista};
use worksmith_work::works::{self, Work};

use super::{Home, Importer, Item, home};

/// How many works are in memory at a time.
const PAGE: usize = 500;

/// The spellings of the pages of works that earlier versions imported, which store only the page of
/// an item. The key is the lower-case form that all spellings share.
#[derive(Clone, Debug, Default)]
pub struct Earlier(HashMap<String, HashSet<String>>);

impl Earlier {
    /// Reads the existing works. Once per import is enough: from then on items are identified by
    /// their ids.
    pub async fn read(tx: &mut Tx) -> Result<Self> {
        let mut query = Query::new();
        query.one_of(works::SYNC_ORIGIN, [super::ORIGIN]);
        let mut spellings = HashMap::<_, HashSet<_>>::new();
        let mut place = None;
        loop {
            let (found, next) = tx.first_after::<Work>(&query, place, PAGE).await?;
            for work in found.iter().filter(|work| work.doc.imported_as.is_none()) {
                if let Some((pages, _)) = address(&work.doc).and_then(|page| page.rsplit_once('/'))
                {
                    spellings.entry(pages.to_lowercase()).or_default().insert(pages.to_owned());
                }
            }
            match next {
                Some(next) => place = Some(next),
                None => return Ok(Self(spellings)),
            }
        }
    }

    /// The addresses under which a page may be stored.
    pub(super) fn spellings<'a>(&'a self, page: &'a str) -> impl Iterator<Item = String> + 'a {
        let parts = page.rsplit_once('/');
        parts.into_iter().flat_map(|(pages, number)| {
            let known = self.0.get(&pages.to_lowercase()).into_iter().flatten();
            known.map(move |known| format!("{known}/{number}"))
        })
    }
}

/// The address of the page that a work was imported from.
fn address(work: &Work) -> Option<&str> {
    work.sync_metadata.as_ref()?.external_reference.as_deref()
}

impl Importer<'_> {
    /// The name by which an item is found here, even if its repository moves: the host and the id
    /// on that host.
    pub(super) fn name_of(item: &Item, home: &Home<'_>) -> Option<String> {
        let id = item.id.map(|id| id.to_string()).or_else(|| item.node_id.clone())?;
        Some(format!("{}/{id}", home.host.to_lowercase()))
    }

    /// The work of an item, if it was imported before: by its id, or by its page, unless that is
    /// now the page of another item.
    pub(super) async fn work_of(
        &mut self,
        item: &Item,
        home: &Home<'_>,
    ) -> Result<Option<Stored<Work>>> {
        let name = Self::name_of(item, home);
        if let Some(name) = &name
            && let Some(id) = self.tx.find_name(works::IMPORTED_AS, name).await?
        {
            return self.tx.find::<Work>(&id).await;
        }
        let pages: Vec<String> = std::iter::once(item.html_url.clone())
            .chain(self.options.earlier.spellings(&item.html_url))
            .collect();
        for page in pages {
            let Some(id) = self.tx.find_name(works::ISSUE_REF, &page).await? else { continue };
            let found = self.tx.find::<Work>(&id).await?;
            let is_it = |work: &Stored<Work>| work.doc.imported_as.is_none() || name.is_none();
            if let Some(work) = found.filter(is_it) {
                return Ok(Some(work));
            }
        }
        Ok(None)
    }

    /// Looks in the batch for an item that was imported before, to learn the former name of their
    /// repository. Used if nothing here has the present name.
    pub(super) async fn look_for_former_name(&mut self, repository: &str) -> Result<()> {
        if !self.looked_for.insert(repository.to_owned()) {
            return Ok(());
        }
        for item in self.items {
            let Ok(home) = home(&item.html_url) else { continue };
            if home.repository == repository
                && let Some(work) = self.work_of(item, &home).await?
                && self.note_move(&work, &home).await?
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// If the repository of a work has a new name, renames its product and its board, which bear
    /// the name. Returns whether it has.
    pub(super) async fn note_move(&mut self, work: &Stored<Work>, home: &Home<'_>) -> Result<bool> {
        let former = address(&work.doc).and_then(|page| super::home(page).ok());
        let Some(former) = former.map(|former| former.repository) else { return Ok(false) };
        if former == home.repository {
            return Ok(false);
        }
        let pair = (former, home.repository.clone());
        if !self.moved.contains(&pair) {
            self.rename_product(&pair.0, &pair.1).await?;
            self.rename_board(&pair.0, &pair.1).await?;
            self.moved.insert(pair);
        }
        Ok(true)
    }

    async fn rename_product(&mut self, former: &str, name: &str) -> Result<()> {
        if self.product(name).await?.is_some() {
            return Ok(());
        }
        let Some(id) = self.product(former).await? else { return Ok(()) };
        self.products.remove(former);
        if let Some(old) = self.tx.find::<Part>(&id).await? {
            let part = Part { name: name.to_owned(), ..old.doc.clone() };
            self.tx.update(old, part).await?;
            self.report.note("products renamed");
            self.products.insert(name.to_owned(), id);
        }
        Ok(())
    }

    async fn rename_board(&mut self, former: &str, name: &str) -> Result<()> {
        if self.board_named(name).await?.is_some() {
            return Ok(());
        }
        let Some(id) = self.board_named(former).await? else { return Ok(()) };
        self.boards.remove(former);
        if let Some(old) = self.tx.find::<Vista>(&id).await? {
            let board = Vista { name: name.to_owned(), ..old.doc.clone() };
            self.tx.update(old, board).await?;
            self.report.note("sprint boards renamed");
            self.boards.insert(name.to_owned(), id);
        }
        Ok(())
    }

    /// The product of this name.
    pub(super) async fn product(&mut self, name: &str) -> Result<Option<Id>> {
        if let Some(id) = self.products.get(name) {
            return Ok(Some(id.clone()));
        }
        let mut query = Query::new();
        query.one_of(parts::NAME, [name]).one_of(Column::KIND, [Kind::Product.noun()]);
        let found = self.tx.first::<Part>(&query, 1).await?.pop();
        // What this transaction renamed is still found under its former name.
        let taken = |id: &Id| self.products.values().any(|known| known == id);
        let Some(id) = found.map(|found| found.meta.id).filter(|id| !taken(id)) else {
            return Ok(None);
        };
        self.products.insert(name.to_owned(), id.clone());
        Ok(Some(id))
    }

    /// The sprint board of this name, with its sprints.
    pub(super) async fn board_named(&mut self, name: &str) -> Result<Option<Id>> {
        if let Some(id) = self.boards.get(name) {
            return Ok(Some(id.clone()));
        }
        let mut query = Query::new();
        query
            .one_of(vistas::NAME, [name])
            .one_of(vistas::FLAVOR, [VistaFlavor::SprintBoard.as_str()]);
        let found = self.tx.first::<Vista>(&query, 1).await?.pop();
        let taken = |id: &Id| self.boards.values().any(|known| known == id);
        let Some(id) = found.map(|found| found.meta.id).filter(|id| !taken(id)) else {
            return Ok(None);
        };
        for sprint in worksmith_work::vistas::groups::of_vista(self.tx, &id).await? {
            let key = (id.clone(), sprint.doc.name);
            self.sprints.entry(key).or_insert(sprint.meta.id);
        }
        self.boards.insert(name.to_owned(), id.clone());
        Ok(Some(id))
    }
}
