//! Hashing passwords: slow on purpose, so never on an async thread and never more than two at once.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::{self, Output, ParamsString, PasswordHash, Salt, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// OWASP's second recommendation: 19 MiB, 2 passes, 1 lane; ~25 ms on a current core.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Two workers: 2 × 19 MiB = 38 MiB at most, and logins can't take more than two cores from the logs.
const WORKERS: usize = 2;

/// As RFC 9106 recommends.
const SALT_BYTES: usize = 16;

/// Beyond glibc's largest cached block (`DEFAULT_MMAP_THRESHOLD_MAX`, 32 MiB on 64-bit machines).
const UNCACHED_BYTES: usize = 33 << 20;

/// Fewest characters of a new password.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Most bytes of a password: more is no better, and is refused before it is hashed.
pub(super) const PASSWORD_BYTES_MAX: usize = 1024;

/// What an unknown user's password is checked against, so that it costs what a known one's does.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash("nobody's password").expect("the parameters are constant and valid"));

/// Two workers for argon2id.
pub(super) struct Passwords {
    workers: Arc<Semaphore>,
    tasks: TaskTracker,
}

/// Only memory or a damaged hash in the database can fail.
#[derive(Debug, thiserror::Error)]
#[error("hash a password: {0}")]
pub struct PasswordError(argon2::password_hash::Error);

impl Passwords {
    pub(super) fn new(tasks: TaskTracker) -> Self {
        Self { workers: Arc::new(Semaphore::new(WORKERS)), tasks }
    }

    /// Whether `password` is the one behind `hash`; without a hash it costs the same and is never right.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> bool {
        self.work(move || {
            let known = hash.is_some();
            let right = verify(&password, hash.as_deref().unwrap_or(&NOBODY));
            known && right
        })
        .await
        .unwrap_or(false)
    }

    pub(super) async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.work(move || hash(&password))
            .await
            .unwrap_or(Err(PasswordError(argon2::password_hash::Error::Crypto)))
    }

    /// Waits for a worker. `None` only when the runtime stops.
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        // Owned and moved into the work: an asker who leaves must not free the worker while it still hashes.
        let permit = self.workers.clone().acquire_owned().await.ok()?;
        self.tasks
            .spawn_blocking(move || {
                let _permit = permit;
                work()
            })
            .await
            .ok()
    }
}

/// Hashes with the parameters above and a random salt; blocks.
pub(super) fn hash(password: &str) -> Result<String, PasswordError> {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).expect("the kernel's random source has no failure once it is seeded");
    let salt = SaltString::encode_b64(&salt).map_err(PasswordError)?;
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are constant and valid");
    let output = compute(password, salt.as_salt(), params.clone()).map_err(PasswordError)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(PasswordError)?,
        salt: Some(salt.as_salt()),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

fn verify(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    let ours = hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(Version::V0x13.into());
    // The parameters are the hash's own: old hashes keep working when ours change.
    let (Some(salt), Some(expected), Ok(params), true) =
        (hash.salt, hash.hash, Params::try_from(&hash), ours)
    else {
        return false;
    };
    // `Output` compares in constant time.
    compute(password, salt, params).is_ok_and(|output| output == expected)
}

/// The hash itself.
///
/// It works in memory that the allocator hands back to the system: glibc keeps a freed block of 19 MiB for each thread
/// that ever used one, up to 300 MB on two cores, but never one above 32 MiB. Only what is written to becomes real.
fn compute(password: &str, salt: Salt<'_>, params: Params) -> password_hash::Result<Output> {
    let mut salt_bytes = [0; Salt::MAX_LENGTH];
    let salt_bytes = salt.decode_b64(&mut salt_bytes)?;
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(UNCACHED_BYTES / Block::SIZE));
    memory.resize(blocks, Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Output::init_with(length, |output| {
        argon2.hash_password_into_with_memory(password.as_bytes(), salt_bytes, output, &mut memory)?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_argon2id_with_19_mib_two_passes_and_one_lane() {
        assert!(hash("correct horse").unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[test]
    fn only_the_right_password_verifies() {
        let hash = hash("correct horse").unwrap();
        assert!(verify("correct horse", &hash));
        assert!(!verify("correct hors", &hash));
        assert!(!verify("correct horse", "not a hash"));
    }

    #[test]
    fn a_hash_that_another_implementation_made_verifies() {
        // The reference implementation's, of the salt "somesaltsomesalt".
        const OTHER: &str =
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$yrdGtGIZk/3JHsUHh5gLQUqQppLwvGjf4Z+cJbPLqew";
        assert!(verify("password", OTHER));
        assert!(!verify("Password", OTHER));
    }

    #[tokio::test]
    async fn nobodys_password_never_verifies() {
        let passwords = Passwords::new(TaskTracker::new());
        assert!(!passwords.verify("nobody's password".to_owned(), None).await);
    }
}
