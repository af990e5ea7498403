//! A model of a disk, which shows everything that was written, and stores what was synced.
//!
//! It is as strict as POSIX allows. A sync of a file stores its bytes and its size, but not its
//! name: names are stored by a sync of their folder. A sync covers what was written before it
//! began. At a cut, whatever is not stored is lost, kept or torn, one write by one, in any order.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{OsStr, OsString};

use worksmith_tests::client::Chance;

use crate::cut::{Cut, Lost};

/// The number of the topmost folder.
pub(crate) const ROOT: u64 = 1;

/// Why something can't be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Exists,
    /// The disk fails, or the power is off.
    Io,
    IsFolder,
    NotEmpty,
    NotFolder,
    NotFound,
}

/// What there is under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    /// A socket has a name on the disk, and nothing else.
    Socket,
}

/// What the disk tells of a file or folder.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) kind: Kind,
    pub(crate) size: u64,
    pub(crate) permissions: u16,
    /// When it was changed, in milliseconds since 1970.
    pub(crate) modified_ms: i64,
}

/// Changes that are not stored yet, in their order. They are numbered without a gap.
#[derive(Debug)]
struct Pending<T> {
    first: u64,
    changes: VecDeque<T>,
}

impl<T> Pending<T> {
    const fn new() -> Self {
        Self { first: 0, changes: VecDeque::new() }
    }

    fn end(&self) -> u64 {
        self.first + self.changes.len() as u64
    }

    /// Takes out those with a number below `end`.
    fn until(&mut self, end: u64) -> impl Iterator<Item = T> {
        let count = usize::try_from(end.saturating_sub(self.first)).unwrap();
        self.first = self.first.max(end);
        self.changes.drain(..count)
    }
}

/// A change of a file.
#[derive(Debug)]
pub(crate) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Resize(usize),
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if to.len() < end {
                    to.resize(end, 0);
                }
                to[*offset..end].copy_from_slice(bytes);
            }
            Self::Resize(size) => to.resize(*size, 0),
        }
    }
}

pub(crate) type Names = BTreeMap<OsString, u64>;

/// A change of a folder.
#[derive(Debug)]
pub(crate) enum Entry {
    Put(OsString, u64),
    Remove(OsString),
    /// Within a folder. It is done as a whole or not at all, which everybody counts on.
    Rename(OsString, OsString, u64),
}

impl Entry {
    pub(crate) fn apply(&self, to: &mut Names) {
        match self {
            Self::Put(name, number) => {
                to.insert(name.clone(), *number);
            }
            Self::Remove(name) => {
                to.remove(name);
            }
            Self::Rename(from, name, number) => {
                to.remove(from);
                to.insert(name.clone(), *number);
            }
        }
    }
}

#[derive(Debug)]
enum Body {
    File { stored: Vec<u8>, shown: Vec<u8>, pending: Pending<Change> },
    Folder { stored: Names, shown: Names, pending: Pending<Entry> },
    Socket,
}

impl Body {
    const fn file(bytes: Vec<u8>, shown: Vec<u8>) -> Self {
        Self::File { stored: bytes, shown, pending: Pending::new() }
    }

    const fn folder(names: Names, shown: Names) -> Self {
        Self::Folder { stored: names, shown, pending: Pending::new() }
    }
}

#[derive(Debug)]
struct Inode {
    body: Body,
    permissions: u16,
    modified_ms: i64,
    /// The last name that it was given.
    name: OsString,
    /// A sync of the changes with a number below this has failed.
    failed_until: u64,
}

/// A sync that has begun.
#[derive(Debug)]
pub(crate) struct Sync {
    number: u64,
    from: u64,
    until: u64,
}

/// The disk.
#[derive(Debug)]
pub(crate) struct Disk {
    inodes: BTreeMap<u64, Inode>,
    next: u64,
    is_off: bool,
    is_lying: bool,
    failing: Option<String>,
}

impl Disk {
    pub(crate) fn new() -> Self {
        let root = Inode {
            body: Body::folder(Names::new(), Names::new()),
            permissions: 0o700,
            modified_ms: 0,
            name: OsString::new(),
            failed_until: 0,
        };
        let inodes = [(ROOT, root)].into();
        Self { inodes, next: ROOT + 1, is_off: false, is_lying: false, failing: None }
    }

    /// Cuts the power: from now on nothing is stored, and everything fails.
    pub(crate) fn power_off(&mut self) {
        self.is_off = true;
    }

    /// Acknowledges all syncs from now on, and stores nothing.
    pub(crate) fn lie(&mut self) {
        self.is_lying = true;
    }

    /// Makes the next sync of a file whose name ends like this fail. As with Linux, what it should
    /// have stored remains visible, is not stored by any later sync, and that one does not fail.
    pub(crate) fn fail_next_sync_of(&mut self, ending: &str) {
        self.failing = Some(ending.to_owned());
    }

    /// Whether a failure that was asked for is still to come.
    pub(crate) const fn is_failure_to_come(&self) -> bool {
        self.failing.is_some()
    }

    fn inode(&self, number: u64) -> Result<&Inode, Fault> {
        if self.is_off {
            return Err(Fault::Io);
        }
        self.inodes.get(&number).ok_or(Fault::NotFound)
    }

    fn inode_mut(&mut self, number: u64) -> Result<&mut Inode, Fault> {
        if self.is_off {
            return Err(Fault::Io);
        }
        self.inodes.get_mut(&number).ok_or(Fault::NotFound)
    }

    fn names(&self, folder: u64) -> Result<&Names, Fault> {
        match &self.inode(folder)?.body {
            Body::Folder { shown, .. } => Ok(shown),
            _ => Err(Fault::NotFolder),
        }
    }

    fn enter(&mut self, folder: u64, entry: Entry) -> Result<(), Fault> {
        match &mut self.inode_mut(folder)?.body {
            Body::Folder { shown, pending, .. } => {
                entry.apply(shown);
                pending.changes.push_back(entry);
                Ok(())
            }
            _ => Err(Fault::NotFolder),
        }
    }

    fn change(&mut self, file: u64, change: Change, now_ms: i64) -> Result<(), Fault> {
        let inode = self.inode_mut(file)?;
        inode.modified_ms = now_ms;
        match &mut inode.body {
            Body::File { shown, pending, .. } => {
                change.apply(shown);
                pending.changes.push_back(change);
                Ok(())
            }
            _ => Err(Fault::IsFolder),
        }
    }

    pub(crate) fn look_up(&self, folder: u64, name: &OsStr) -> Result<u64, Fault> {
        self.names(folder)?.get(name).copied().ok_or(Fault::NotFound)
    }

    pub(crate) fn about(&self, number: u64) -> Result<About, Fault> {
        let inode = self.inode(number)?;
        let (kind, size) = match &inode.body {
            Body::File { shown, .. } => (Kind::File, shown.len() as u64),
            Body::Folder { .. } => (Kind::Folder, 0),
            Body::Socket => (Kind::Socket, 0),
        };
        let Inode { permissions, modified_ms, .. } = *inode;
        Ok(About { kind, size, permissions, modified_ms })
    }

    pub(crate) fn list(&self, folder: u64) -> Result<Vec<(OsString, u64, Kind)>, Fault> {
        let names = self.names(folder)?.iter();
        names.map(|(name, number)| Ok((name.clone(), *number, self.about(*number)?.kind))).collect()
    }

    pub(crate) fn create(
        &mut self,
        folder: u64,
        name: &OsStr,
        kind: Kind,
        (permissions, now_ms): (u16, i64),
    ) -> Result<u64, Fault> {
        if self.names(folder)?.contains_key(name) {
            return Err(Fault::Exists);
        }
        let number = self.next;
        self.next += 1;
        let body = match kind {
            Kind::File => Body::file(Vec::new(), Vec::new()),
            Kind::Folder => Body::folder(Names::new(), Names::new()),
            Kind::Socket => Body::Socket,
        };
        let name = name.to_owned();
        let inode =
            Inode { body, permissions, modified_ms: now_ms, name: name.clone(), failed_until: 0 };
        self.inodes.insert(number, inode);
        self.enter(folder, Entry::Put(name, number))?;
        Ok(number)
    }

    /// Gives a file another name.
    pub(crate) fn link(&mut self, number: u64, folder: u64, name: &OsStr) -> Result<(), Fault> {
        if self.names(folder)?.contains_key(name) {
            return Err(Fault::Exists);
        }
        self.enter(folder, Entry::Put(name.to_owned(), number))
    }

    /// Removes a file, or an empty folder.
    pub(crate) fn remove(&mut self, folder: u64, name: &OsStr, kind: Kind) -> Result<(), Fault> {
        let number = self.look_up(folder, name)?;
        match (kind, self.about(number)?.kind) {
            (Kind::Folder, Kind::Folder) if self.names(number)?.is_empty() => {}
            (Kind::Folder, Kind::Folder) => return Err(Fault::NotEmpty),
            (Kind::Folder, _) => return Err(Fault::NotFolder),
            (_, Kind::Folder) => return Err(Fault::IsFolder),
            _ => {}
        }
        // Whoever has it open still reads it, and the removal may be lost.
        self.enter(folder, Entry::Remove(name.to_owned()))
    }

    pub(crate) fn rename(
        &mut self,
        (folder, name): (u64, &OsStr),
        (new_folder, new_name): (u64, &OsStr),
    ) -> Result<(), Fault> {
        let number = self.look_up(folder, name)?;
        self.inode_mut(number)?.name = new_name.to_owned();
        let (name, new_name) = (name.to_owned(), new_name.to_owned());
        if folder == new_folder {
            return self.enter(folder, Entry::Rename(name, new_name, number));
        }
        self.enter(new_folder, Entry::Put(new_name, number))?;
        self.enter(folder, Entry::Remove(name))
    }

    pub(crate) fn read(&self, file: u64, offset: usize, size: usize) -> Result<&[u8], Fault> {
        match &self.inode(file)?.body {
            Body::File { shown, .. } => {
                let end = offset.saturating_add(size).min(shown.len());
                Ok(shown.get(offset..end).unwrap_or_default())
            }
            _ => Err(Fault::IsFolder),
        }
    }

    pub(crate) fn write(
        &mut self,
        file: u64,
        offset: usize,
        bytes: &[u8],
        now_ms: i64,
    ) -> Result<(), Fault> {
        self.change(file, Change::Write { offset, bytes: bytes.to_owned() }, now_ms)
    }

    pub(crate) fn resize(&mut self, file: u64, size: usize, now_ms: i64) -> Result<(), Fault> {
        self.change(file, Change::Resize(size), now_ms)
    }

    /// Permissions and times are stored at once: nothing depends on them.
    pub(crate) fn describe(
        &mut self,
        number: u64,
        permissions: Option<u16>,
        modified_ms: Option<i64>,
    ) -> Result<(), Fault> {
        let inode = self.inode_mut(number)?;
        inode.permissions = permissions.unwrap_or(inode.permissions);
        inode.modified_ms = modified_ms.unwrap_or(inode.modified_ms);
        Ok(())
    }

    /// Begins to store what has been changed so far.
    pub(crate) fn begin_sync(&self, number: u64) -> Result<Sync, Fault> {
        let (from, until) = match &self.inode(number)?.body {
            Body::File { pending, .. } => (pending.first, pending.end()),
            Body::Folder { pending, .. } => (pending.first, pending.end()),
            Body::Socket => (0, 0),
        };
        Ok(Sync { number, from, until })
    }

    /// Ends a sync: what it covers is stored from here on.
    pub(crate) fn end_sync(&mut self, sync: &Sync) -> Result<(), Fault> {
        let Sync { number, from, until } = *sync;
        let is_lying = self.is_lying;
        let name = self.inode(number)?.name.to_string_lossy().into_owned();
        let ends = |ending: &mut String| name.ends_with(ending.as_str());
        // A sync that has nothing to store can't lose anything: the failure is still to come.
        let is_failing = from < until && self.failing.take_if(ends).is_some();
        let inode = self.inode_mut(number)?;
        if is_failing {
            inode.failed_until = until;
        }
        match &mut inode.body {
            _ if is_lying => {}
            Body::File { pending, .. } if is_failing => pending.until(until).for_each(drop),
            Body::File { stored, pending, .. } => {
                pending.until(until).for_each(|change| change.apply(stored));
            }
            Body::Folder { stored, pending, .. } => {
                pending.until(until).for_each(|entry| entry.apply(stored));
            }
            Body::Socket => {}
        }
        // Also for another sync of the same changes that was under way.
        if from < inode.failed_until { Err(Fault::Io) } else { Ok(()) }
    }

    /// The disk when the power is back.
    pub(crate) fn after(self, cut: &Cut, chance: &mut Chance) -> (Self, Lost) {
        let mut lost = Lost::default();
        let mut left = Self { next: self.next, ..Self::new() };
        left.inodes.clear();
        for (number, inode) in self.inodes {
            let Inode { body, permissions, modified_ms, name, .. } = inode;
            let body = match body {
                Body::File { stored, pending, .. } => {
                    // Nobody ever syncs what is only shared memory.
                    let is_memory = name.to_string_lossy().ends_with("-shm");
                    let mut uncounted = Lost::default();
                    let lost = if is_memory { &mut uncounted } else { &mut lost };
                    let bytes = cut.content(stored, pending.changes, chance, lost);
                    Body::file(bytes.clone(), bytes)
                }
                Body::Folder { stored, pending, .. } => {
                    let names = cut.names(stored, pending.changes, chance, &mut lost);
                    Body::folder(names.clone(), names)
                }
                Body::Socket => Body::Socket,
            };
            let inode = Inode { body, permissions, modified_ms, name, failed_until: 0 };
            left.inodes.insert(number, inode);
        }
        left.forget_the_nameless();
        (left, lost)
    }

    fn forget_the_nameless(&mut self) {
        let mut named = BTreeMap::new();
        let mut folders = vec![ROOT];
        while let Some(number) = folders.pop() {
            let Some(inode) = self.inodes.remove(&number) else { continue };
            if let Body::Folder { shown, .. } = &inode.body {
                folders.extend(shown.values());
            }
            named.insert(number, inode);
        }
        self.inodes = named;
    }
}
