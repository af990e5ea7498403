//! The disk as a file system of the kernel.
//!
//! The kernel writes through to the disk, and keeps what it has read. It looks after locks itself.
//!
//! While it syncs a file, the kernel lets nobody write to the same inode of a file system like this
//! one, as it does with file systems of its own. For the write-ahead log that would hide what
//! happens to writes during a sync. So each time the log is looked up, it is another inode to the
//! kernel. Such inodes know nothing of each other's cached pages, so the kernel caches none.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    BackgroundSession, BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem,
    FopenFlags, Generation, INodeNo, LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr,
    ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs,
    ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use worksmith_kernel::{Clock, SystemClock};
use worksmith_tests::client::Chance;

use crate::disk::{About, Disk, Fault, Kind, Sync};

/// How long the kernel may keep what it knows: nobody else changes it.
const KEPT: Duration = Duration::from_secs(3600);
/// The first number of the inodes that are only another view of a file.
const VIEWS: u64 = 1 << 40;
/// The format of a socket in the mode of a file, and the mask of formats.
const SOCKET: u32 = 0o140_000;
const FORMATS: u32 = 0o170_000;

/// A disk that is in use.
pub(crate) struct Drive {
    disk: Mutex<Disk>,
    /// Decides how long syncs take.
    chance: Mutex<Chance>,
}

impl Drive {
    pub(crate) fn new(disk: Disk, seed: u64) -> Self {
        Self { disk: Mutex::new(disk), chance: Mutex::new(Chance(seed)) }
    }

    pub(crate) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap()
    }

    /// How long a sync takes: mostly up to 1 ms, sometimes up to 16 ms.
    fn pause(&self) -> Duration {
        let mut chance = self.chance.lock().unwrap();
        let most = if chance.below(16) == 0 { 16_000 } else { 1_000 };
        Duration::from_micros(chance.below(most))
    }
}

/// Mounts a drive, until the result is dropped.
pub(crate) fn mount(drive: Arc<Drive>, at: &Path) -> io::Result<BackgroundSession> {
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("power".to_owned())];
    fuser::spawn_mount(View { drive, seen: Mutex::default() }, at, &config)
}

/// What the kernel knows of a drive.
struct View {
    drive: Arc<Drive>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    count: u64,
    /// The file that an inode is a view of.
    views: HashMap<u64, u64>,
    listings: HashMap<u64, Vec<(OsString, u64, Kind)>>,
}

impl Seen {
    fn next(&mut self) -> u64 {
        self.count += 1;
        VIEWS + self.count
    }
}

fn errno(fault: Fault) -> Errno {
    match fault {
        Fault::Exists => Errno::EEXIST,
        Fault::Io => Errno::EIO,
        Fault::IsFolder => Errno::EISDIR,
        Fault::NotEmpty => Errno::ENOTEMPTY,
        Fault::NotFolder => Errno::ENOTDIR,
        Fault::NotFound => Errno::ENOENT,
    }
}

const fn file_type(kind: Kind) -> FileType {
    match kind {
        Kind::File => FileType::RegularFile,
        Kind::Folder => FileType::Directory,
        Kind::Socket => FileType::Socket,
    }
}

fn attributes(inode: u64, about: &About) -> FileAttr {
    let changed = UNIX_EPOCH + Duration::from_millis(about.modified_ms.unsigned_abs());
    FileAttr {
        ino: INodeNo(inode),
        size: about.size,
        blocks: about.size.div_ceil(512),
        atime: changed,
        mtime: changed,
        ctime: changed,
        crtime: changed,
        kind: file_type(about.kind),
        perm: about.permissions,
        nlink: 1,
        uid: rustix::process::geteuid().as_raw(),
        gid: rustix::process::getegid().as_raw(),
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

/// How long the kernel may keep what it knows of an inode.
const fn kept(inode: u64) -> Duration {
    if inode > VIEWS { Duration::ZERO } else { KEPT }
}

fn opened(inode: u64) -> FopenFlags {
    if inode > VIEWS { FopenFlags::FOPEN_DIRECT_IO } else { FopenFlags::FOPEN_KEEP_CACHE }
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

fn now_ms() -> i64 {
    SystemClock.now().0
}

fn permissions(mode: u32) -> u16 {
    u16::try_from(mode & 0o7777).unwrap()
}

impl View {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// The file or folder of an inode.
    fn number(&self, inode: INodeNo) -> u64 {
        self.seen().views.get(&inode.0).copied().unwrap_or(inode.0)
    }

    /// What the kernel is told of a name.
    fn entry(&self, disk: &Disk, name: &OsStr, number: u64) -> Result<FileAttr, Fault> {
        let about = disk.about(number)?;
        let inode = if name.to_string_lossy().ends_with("-wal") {
            let mut seen = self.seen();
            let view = seen.next();
            seen.views.insert(view, number);
            view
        } else {
            number
        };
        Ok(attributes(inode, &about))
    }

    fn create(
        &self,
        parent: INodeNo,
        name: &OsStr,
        kind: Kind,
        mode: u32,
    ) -> Result<FileAttr, Fault> {
        let mut disk = self.drive.disk();
        let number = disk.create(parent.0, name, kind, (permissions(mode), now_ms()))?;
        self.entry(&disk, name, number)
    }

    /// Syncs beside everything else.
    fn sync(&self, number: u64, reply: ReplyEmpty) {
        let begun = self.drive.disk().begin_sync(number);
        match begun {
            Ok(begun) => {
                let (drive, pause) = (Arc::clone(&self.drive), self.drive.pause());
                std::thread::spawn(move || end_sync(&drive, &begun, pause, reply));
            }
            Err(fault) => reply.error(errno(fault)),
        }
    }
}

fn end_sync(drive: &Drive, begun: &Sync, pause: Duration, reply: ReplyEmpty) {
    std::thread::sleep(pause);
    let ended = drive.disk().end_sync(begun);
    finish(ended, reply);
}

fn finish(done: Result<(), Fault>, reply: ReplyEmpty) {
    match done {
        Ok(()) => reply.ok(),
        Err(fault) => reply.error(errno(fault)),
    }
}

fn enter(found: Result<FileAttr, Fault>, reply: ReplyEntry) {
    match found {
        Ok(found) => reply.entry(&kept(found.ino.0), &found, Generation(0)),
        Err(fault) => reply.error(errno(fault)),
    }
}

fn describe(inode: INodeNo, about: Result<About, Fault>, reply: ReplyAttr) {
    match about {
        Ok(about) => reply.attr(&kept(inode.0), &attributes(inode.0, &about)),
        Err(fault) => reply.error(errno(fault)),
    }
}

impl Filesystem for View {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let disk = self.drive.disk();
        let found = disk.look_up(parent.0, name);
        enter(found.and_then(|number| self.entry(&disk, name, number)), reply);
    }

    fn forget(&self, _: &Request, inode: INodeNo, _: u64) {
        // A view is looked up once.
        self.seen().views.remove(&inode.0);
    }

    fn getattr(&self, _: &Request, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        describe(inode, self.drive.disk().about(self.number(inode)), reply);
    }

    fn setattr(
        &self,
        _: &Request,
        inode: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        modified: Option<TimeOrNow>,
        _: Option<std::time::SystemTime>,
        _: Option<FileHandle>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let number = self.number(inode);
        let mut disk = self.drive.disk();
        let modified_ms = modified.map(|modified| match modified {
            TimeOrNow::SpecificTime(time) => {
                let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap()
            }
            TimeOrNow::Now => now_ms(),
        });
        let mut set = || {
            if let Some(size) = size {
                disk.resize(number, place(size), now_ms())?;
            }
            disk.describe(number, mode.map(permissions), modified_ms)?;
            disk.about(number)
        };
        describe(inode, set(), reply);
    }

    fn mknod(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: u32,
        reply: ReplyEntry,
    ) {
        let kind = if mode & FORMATS == SOCKET { Kind::Socket } else { Kind::File };
        enter(self.create(parent, name, kind, mode & !umask), reply);
    }

    fn mkdir(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        enter(self.create(parent, name, Kind::Folder, mode & !umask), reply);
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        finish(self.drive.disk().remove(parent.0, name, Kind::File), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        finish(self.drive.disk().remove(parent.0, name, Kind::Folder), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        if flags.is_empty() {
            let mut disk = self.drive.disk();
            finish(disk.rename((parent.0, name), (new_parent.0, new_name)), reply);
        } else {
            reply.error(Errno::EINVAL);
        }
    }

    fn link(&self, _: &Request, inode: INodeNo, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let number = self.number(inode);
        let mut disk = self.drive.disk();
        let linked = disk.link(number, parent.0, name);
        enter(linked.and_then(|()| self.entry(&disk, name, number)), reply);
    }

    fn open(&self, _: &Request, inode: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), opened(inode.0));
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        match self.create(parent, name, Kind::File, mode & !umask) {
            Ok(made) => {
                let inode = made.ino.0;
                let flags = opened(inode);
                reply.created(&kept(inode), &made, Generation(0), FileHandle(0), flags);
            }
            Err(fault) => reply.error(errno(fault)),
        }
    }

    fn read(
        &self,
        _: &Request,
        inode: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let number = self.number(inode);
        match self.drive.disk().read(number, place(offset), place(size.into())) {
            Ok(bytes) => reply.data(bytes),
            Err(fault) => reply.error(errno(fault)),
        }
    }

    fn write(
        &self,
        _: &Request,
        inode: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let number = self.number(inode);
        match self.drive.disk().write(number, place(offset), data, now_ms()) {
            Ok(()) => reply.written(u32::try_from(data.len()).unwrap()),
            Err(fault) => reply.error(errno(fault)),
        }
    }

    fn fsync(&self, _: &Request, inode: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        // POSIX: without metadata, but with the size that is needed to read the bytes.
        self.sync(self.number(inode), reply);
    }

    fn fsyncdir(&self, _: &Request, inode: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.sync(inode.0, reply);
    }

    fn opendir(&self, _: &Request, inode: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.drive.disk().list(inode.0) {
            Ok(listing) => {
                let mut seen = self.seen();
                let handle = seen.next();
                seen.listings.insert(handle, listing);
                reply.opened(FileHandle(handle), FopenFlags::empty());
            }
            Err(fault) => reply.error(errno(fault)),
        }
    }

    fn readdir(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let seen = self.seen();
        let listing = seen.listings.get(&handle.0).map(Vec::as_slice).unwrap_or_default();
        for (next, (name, number, kind)) in (1..).zip(listing).skip(place(offset)) {
            if reply.add(INodeNo(*number), next, file_type(*kind), name) {
                break;
            }
        }
        reply.ok();
    }

    fn releasedir(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        reply: ReplyEmpty,
    ) {
        self.seen().listings.remove(&handle.0);
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let (blocks, files) = (1 << 30, 1 << 20);
        reply.statfs(blocks, blocks, blocks, files, files, 4096, 255, 4096);
    }
}
