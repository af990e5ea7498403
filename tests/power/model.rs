//! What the model of the disk loses, and what it never loses.

use std::ffi::OsStr;

use worksmith_tests::client::Chance;

use crate::cut::{Cut, Lost, SECTOR};
use crate::disk::{Disk, Fault, Kind, ROOT};

const SEEDS: u64 = 300;

fn create(disk: &mut Disk, folder: u64, name: &str, kind: Kind) -> u64 {
    disk.create(folder, OsStr::new(name), kind, (0o600, 1)).unwrap()
}

fn file(disk: &mut Disk, name: &str) -> u64 {
    create(disk, ROOT, name, Kind::File)
}

fn write(disk: &mut Disk, file: u64, offset: usize, bytes: &[u8]) {
    disk.write(file, offset, bytes, 2).unwrap();
}

fn sync(disk: &mut Disk, number: u64) -> Result<(), Fault> {
    let sync = disk.begin_sync(number)?;
    disk.end_sync(&sync)
}

fn content(disk: &Disk, name: &str) -> Option<Vec<u8>> {
    let file = disk.look_up(ROOT, OsStr::new(name)).ok()?;
    Some(disk.read(file, 0, usize::MAX).unwrap().to_owned())
}

fn rename(disk: &mut Disk, from: &str, to: &str) {
    disk.rename((ROOT, OsStr::new(from)), (ROOT, OsStr::new(to))).unwrap();
}

/// The disk after a cut that loses everything it may lose.
fn without_all(disk: Disk) -> (Disk, Lost) {
    disk.after(&Cut::All, &mut Chance(1))
}

/// Disks made alike after many cuts of any kind.
fn after_many(make: impl Fn() -> Disk) -> Vec<Disk> {
    let cut = |seed| {
        let mut chance = Chance(seed);
        make().after(&Cut::any(&mut chance), &mut chance).0
    };
    (0..SEEDS).map(cut).collect()
}

#[test]
fn what_was_not_synced_is_lost_and_counted() {
    let mut disk = Disk::new();
    let kept = file(&mut disk, "kept");
    let nameless = file(&mut disk, "nameless");
    write(&mut disk, kept, 0, b"stored");
    sync(&mut disk, kept).unwrap();
    disk.remove(ROOT, OsStr::new("nameless"), Kind::File).unwrap();
    sync(&mut disk, ROOT).unwrap();
    let late = file(&mut disk, "late");
    write(&mut disk, late, 0, b"synced, but without a name");
    sync(&mut disk, late).unwrap();
    write(&mut disk, kept, 6, b", and more");
    write(&mut disk, nameless, 0, b"still written to");
    assert_eq!(content(&disk, "kept").unwrap(), b"stored, and more");
    let (disk, lost) = without_all(disk);
    assert_eq!(content(&disk, "kept").unwrap(), b"stored");
    assert_eq!((content(&disk, "late"), content(&disk, "nameless")), (None, None));
    assert_eq!(lost, Lost { changes: 2, entries: 1 });
    assert_eq!(without_all(disk).1, Lost::default());
}

#[test]
fn a_sync_covers_what_was_there_when_it_began() {
    let mut disk = Disk::new();
    let log = file(&mut disk, "log");
    sync(&mut disk, ROOT).unwrap();
    write(&mut disk, log, 0, b"before");
    let first = disk.begin_sync(log).unwrap();
    write(&mut disk, log, 6, b" after");
    disk.end_sync(&first).unwrap();
    assert_eq!(content(&without_all(disk).0, "log").unwrap(), b"before");
}

#[test]
fn a_sync_that_has_not_ended_at_the_cut_has_stored_nothing() {
    let mut disk = Disk::new();
    let log = file(&mut disk, "log");
    sync(&mut disk, ROOT).unwrap();
    write(&mut disk, log, 0, b"bytes");
    let begun = disk.begin_sync(log).unwrap();
    disk.power_off();
    assert_eq!(disk.end_sync(&begun), Err(Fault::Io));
    assert_eq!(disk.write(log, 0, b"x", 3), Err(Fault::Io));
    assert_eq!(disk.about(log).unwrap_err(), Fault::Io);
    assert_eq!(content(&without_all(disk).0, "log").unwrap(), b"");
}

#[test]
fn what_was_synced_survives_every_cut() {
    let make = || {
        let mut disk = Disk::new();
        let folder = create(&mut disk, ROOT, "folder", Kind::Folder);
        let log = create(&mut disk, folder, "log", Kind::File);
        for page in 0..4 {
            write(&mut disk, log, page * 4096, &[7; 4096]);
        }
        for number in [log, folder, ROOT] {
            sync(&mut disk, number).unwrap();
        }
        // Other places of the same file, its end, and other names.
        write(&mut disk, log, 4 * 4096 + 100, &[9; 8192]);
        create(&mut disk, folder, "other", Kind::File);
        disk
    };
    for disk in after_many(make) {
        let folder = disk.look_up(ROOT, OsStr::new("folder")).unwrap();
        let log = disk.look_up(folder, OsStr::new("log")).unwrap();
        assert_eq!(disk.read(log, 0, 4 * 4096).unwrap(), [7; 4 * 4096]);
    }
}

#[test]
fn writes_are_reordered_and_torn_between_sectors_only() {
    let (count, size) = (8, 2 * 4096);
    let make = || {
        let mut disk = Disk::new();
        let log = file(&mut disk, "log");
        write(&mut disk, log, 0, &vec![b'-'; count * size]);
        sync(&mut disk, log).unwrap();
        sync(&mut disk, ROOT).unwrap();
        for number in 0..count {
            write(&mut disk, log, number * size, &vec![b'+'; size]);
        }
        disk
    };
    let (mut reordered, mut torn) = (0, 0);
    for disk in after_many(make) {
        let bytes = content(&disk, "log").unwrap();
        assert_eq!(bytes.len(), count * size);
        for sector in bytes.chunks(SECTOR) {
            assert!(matches!(sector[0], b'-' | b'+') && sector.iter().all(|b| *b == sector[0]));
        }
        let writes: Vec<_> = bytes.chunks(size).collect();
        reordered += u64::from(writes.windows(2).any(|two| two[0][0] == b'-' && two[1][0] == b'+'));
        torn += u64::from(writes.iter().any(|write| write.iter().any(|b| *b != write[0])));
    }
    assert!(reordered > SEEDS / 4 && torn > SEEDS / 8, "{reordered} {torn}");
}

#[test]
fn a_size_is_lost_or_kept_apart_from_the_bytes() {
    let make = || {
        let mut disk = Disk::new();
        let log = file(&mut disk, "log");
        sync(&mut disk, ROOT).unwrap();
        write(&mut disk, log, 0, &[b'+'; 4096]);
        write(&mut disk, log, 4096, &[b'+'; 4096]);
        disk
    };
    let (mut shorter, mut zeros, mut noise) = (0, 0, 0);
    for disk in after_many(make) {
        let bytes = content(&disk, "log").unwrap();
        assert!([0, 4096, 8192].contains(&bytes.len()));
        shorter += u64::from(bytes.len() == 4096);
        zeros += u64::from(bytes.contains(&0));
        noise += u64::from(bytes.iter().any(|byte| !matches!(byte, 0 | b'+')));
    }
    assert!(shorter > 0 && zeros > 0 && noise > 0, "{shorter} {zeros} {noise}");
}

#[test]
fn a_rename_is_lost_or_kept_as_a_whole_and_apart_from_others() {
    let make = || {
        let mut disk = Disk::new();
        let old = file(&mut disk, "name");
        write(&mut disk, old, 0, b"old");
        sync(&mut disk, old).unwrap();
        sync(&mut disk, ROOT).unwrap();
        let new = file(&mut disk, "name.part");
        write(&mut disk, new, 0, b"new");
        sync(&mut disk, new).unwrap();
        rename(&mut disk, "name.part", "name");
        disk
    };
    let (mut old, mut new) = (0, 0);
    for disk in after_many(make) {
        match content(&disk, "name").expect("either").as_slice() {
            b"old" => old += 1,
            b"new" => {
                assert_eq!(content(&disk, "name.part"), None);
                new += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(old > 0 && new > 0, "{old} {new}");
}

#[test]
fn what_a_failed_sync_should_have_stored_is_lost_though_it_shows() {
    let mut disk = Disk::new();
    let log = file(&mut disk, "name.db-wal");
    sync(&mut disk, ROOT).unwrap();
    write(&mut disk, log, 0, b"first");
    disk.fail_next_sync_of("-wal");
    let (one, two) = (disk.begin_sync(log).unwrap(), disk.begin_sync(log).unwrap());
    assert!(disk.is_failure_to_come());
    assert_eq!((disk.end_sync(&one), disk.end_sync(&two)), (Err(Fault::Io), Err(Fault::Io)));
    assert!(!disk.is_failure_to_come());
    write(&mut disk, log, 5, b" second");
    assert_eq!(sync(&mut disk, log), Ok(()));
    assert_eq!(content(&disk, "name.db-wal").unwrap(), b"first second");
    assert_eq!(content(&without_all(disk).0, "name.db-wal").unwrap(), b"\0\0\0\0\0 second");
}

#[test]
fn a_disk_that_lies_stores_nothing_more() {
    let mut disk = Disk::new();
    let log = file(&mut disk, "log");
    sync(&mut disk, ROOT).unwrap();
    disk.lie();
    write(&mut disk, log, 0, b"bytes");
    assert_eq!(sync(&mut disk, log), Ok(()));
    assert_eq!(content(&without_all(disk).0, "log").unwrap(), b"");
}
