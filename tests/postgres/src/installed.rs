//! Which PostgreSQL is installed here, and as which user it can run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest version that the store supports.
const OLDEST: u32 = 15;

/// A PostgreSQL that can be started.
pub(crate) struct Installed {
    /// Where `initdb` and `postgres` are.
    programs: PathBuf,
    /// The user and the group as which they run, if not those of this process.
    pub(crate) owner: Option<(u32, u32)>,
}

impl Installed {
    /// A command line of one of its programs, run by the right user.
    pub(crate) fn command(&self, program: &str) -> Vec<String> {
        let mut line = Vec::new();
        if let Some((user, group)) = self.owner {
            line.push("setpriv".to_owned());
            line.push(format!("--reuid={user}"));
            line.push(format!("--regid={group}"));
            line.push("--clear-groups".to_owned());
        }
        line.push(self.programs.join(program).display().to_string());
        line
    }
}

/// The newest one, or why none can be started.
pub(crate) fn find() -> Result<Installed, String> {
    let versions = folders().into_iter().filter_map(|folder| Some((version(&folder)?, folder)));
    let (newest, programs) = versions.max().ok_or("PostgreSQL is not installed here")?;
    if newest < OLDEST {
        return Err(format!("PostgreSQL {newest} is installed here, and {OLDEST} is needed"));
    }
    Ok(Installed { programs, owner: owner()? })
}

/// Where its programs may be: Debian does not put them in the path.
fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    folders.retain(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file());
    folders
}

fn version(folder: &Path) -> Option<u32> {
    // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
    let said = said(Command::new(folder.join("postgres")).arg("--version"))?;
    let version = said.split_whitespace().nth(2)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// PostgreSQL refuses to run as root; Debian's package creates a user for it.
fn owner() -> Result<Option<(u32, u32)>, String> {
    let id = |of: &[&str]| said(Command::new("id").args(of))?.trim().parse::<u32>().ok();
    if id(&["-u"]).is_some_and(|id| id != 0) {
        return Ok(None);
    }
    let owner = id(&["-u", "postgres"]).zip(id(&["-g", "postgres"]));
    let owner = owner.ok_or("PostgreSQL does not run as root, and there is no user postgres")?;
    let setpriv = said(Command::new("setpriv").arg("--version"));
    setpriv.ok_or("PostgreSQL does not run as root, and there is no setpriv (util-linux)")?;
    Ok(Some(owner))
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}
