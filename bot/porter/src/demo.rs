//! Accounts for trying Porter out: two agents, and an academy full of learners. Passwords are random and printed at every start.

use std::path::Path;

use porter_academy::demo::{self, DEMO};
use porter_academy::store::AcademyStore;
use porter_desk::domain::{Role, StaffId};
use porter_desk::store::{DeskStore, NewStaff};
use porter_kernel::clock::Clock;
use porter_kernel::ids::Ids;
use porter_kernel::passwords;
use serde::{Deserialize, Serialize};

use crate::data_dir::{make_private, write_private};
use crate::error::PorterError;

/// An account as the operator sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Accounts {
    accounts: Vec<Account>,
}

/// The demo accounts; made on the first start of a data folder whose desk has no staff.
pub(crate) async fn accounts(
    folder: &Path,
    store: &dyn DeskStore,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Result<Vec<Account>, PorterError> {
    let path = folder.join("demo-accounts.toml");
    let failed = |cause| PorterError::Folder { path: path.clone(), cause };
    if let Ok(text) = std::fs::read_to_string(&path) {
        let kept: Accounts = toml::from_str(&text).unwrap_or_default();
        return Ok(kept.accounts);
    }
    if store.staff_count().await? > 0 {
        return Ok(Vec::new());
    }
    let mut made = Accounts::default();
    for (email, name) in [("mina@northlight.example", "Mina Okafor"), ("jonas@northlight.example", "Jonas Lind")] {
        let account =
            Account { email: email.to_owned(), name: name.to_owned(), password: ids.token().reveal().chars().take(14).collect() };
        let staff = NewStaff {
            id: StaffId(ids.uuid()),
            email: account.email.clone(),
            name: account.name.clone(),
            role: Role::Agent,
            password_hash: passwords::hash(account.password.clone()).await?,
        };
        store.create_staff(&staff, clock.now()).await?;
        made.accounts.push(account);
    }
    let text = toml::to_string(&made).map_err(|error| failed(std::io::Error::other(error)))?;
    write_private(&path, text.as_bytes()).map_err(failed)?;
    Ok(made.accounts)
}

/// What a person needs to look at the academy as a learner.
#[derive(Debug, Clone)]
pub(crate) struct Learners {
    /// The same for all: one hash, computed once.
    pub(crate) password: String,
    /// Addresses, and what each of them shows.
    pub(crate) shown: Vec<(&'static str, &'static str)>,
}

#[derive(Serialize, Deserialize)]
struct Shared {
    password: String,
}

/// Fills an empty academy. `None`: it has accounts of its own.
pub(crate) async fn learners(
    folder: &Path,
    store: &dyn AcademyStore,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Result<Option<Learners>, PorterError> {
    let path = folder.join("demo-learners.toml");
    let failed = |cause| PorterError::Folder { path: path.clone(), cause };
    let empty = store.people("", None, 1).await?.is_empty();
    if !empty && !path.exists() {
        return Ok(None);
    }
    // The password is kept before the accounts are made: a start that is cut off in between is finished by the next.
    let fresh = Shared { password: ids.token().reveal().chars().take(14).collect() };
    let text = toml::to_string(&fresh).map_err(|error| failed(std::io::Error::other(error)))?;
    std::fs::create_dir_all(folder).map_err(failed)?;
    make_private(&path, text.as_bytes()).map_err(failed)?;
    let kept = std::fs::read_to_string(&path).map_err(failed)?;
    let Shared { password } = toml::from_str(&kept).map_err(|error| failed(std::io::Error::other(error)))?;
    if empty {
        let hash = passwords::hash(password.clone()).await?;
        let now = clock.now();
        store.seed(&demo::academy(now, ids, &hash)).await?;
        for coupon in demo::coupons(now, ids) {
            store.add_coupon(&coupon, now).await?;
        }
    }
    Ok(Some(Learners { password, shown: DEMO.to_vec() }))
}
