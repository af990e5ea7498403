//! The socket in the data dir, which only the owner of the data dir may use.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// The folder in the data dir that contains the socket, and protects it whatever the permissions of
/// the data dir.
const FOLDER: &str = "control";
const NAME: &str = "socket";
/// The approximate length of a path that fits into a socket address, in bytes.
const PATH_MAX: usize = 100;

fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join(FOLDER)
}

/// Accesses the socket by a path that is short enough for an address.
fn by_short_path<T>(data_dir: &Path, run: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let folder = folder(data_dir);
    let path = folder.join(NAME);
    if path.as_os_str().len() <= PATH_MAX {
        return run(&path);
    }
    let open = File::open(folder)?;
    run(&Path::new("/proc/self/fd").join(open.as_raw_fd().to_string()).join(NAME))
}

/// Listens. The caller has locked the data dir, so an existing socket is that of a killed server.
pub(super) fn listen(data_dir: &Path) -> io::Result<UnixListener> {
    let folder = folder(data_dir);
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
        _ => fs::set_permissions(&folder, Permissions::from_mode(0o700))?,
    }
    remove(data_dir)?;
    let listener = by_short_path(data_dir, |path| UnixListener::bind(path))?;
    fs::set_permissions(folder.join(NAME), Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Removes the socket.
pub(super) fn remove(data_dir: &Path) -> io::Result<()> {
    match fs::remove_file(folder(data_dir).join(NAME)) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

/// Connects; `None` if nobody is listening.
pub(super) fn connect(data_dir: &Path) -> io::Result<Option<UnixStream>> {
    match by_short_path(data_dir, |path| UnixStream::connect(path)) {
        Ok(stream) => Ok(Some(stream)),
        Err(cause)
            if matches!(
                cause.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            Ok(None)
        }
        Err(cause) => Err(cause),
    }
}

/// Whether the user on the other side is that of this process, or root.
pub(super) fn is_owner(stream: &UnixStream) -> bool {
    let peer = rustix::net::sockopt::socket_peercred(stream);
    peer.is_ok_and(|peer| peer.uid.is_root() || peer.uid == rustix::process::geteuid())
}
