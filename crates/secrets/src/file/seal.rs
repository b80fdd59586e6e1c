//! Keys and sealing: Argon2id (RFC 9106) and AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces.

use aes_gcm::aead::rand_core::RngCore;
use aes_gcm::aead::{Aead, OsRng, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use courrier_model::{ExposeSecret, Secret};
use zeroize::Zeroizing;

use super::format::Kdf;
use crate::SecretError;
use crate::entries::Bytes;

const NONCE_LENGTH: usize = 12;

/// A 256-bit key, wiped when dropped.
pub(super) struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    pub(super) fn random() -> Result<Self, SecretError> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    /// The key that a passphrase stands for. Takes as long and as much memory as `kdf` says.
    pub(super) fn from_passphrase(passphrase: &Secret, kdf: &Kdf) -> Result<Self, SecretError> {
        let cost = kdf.cost;
        let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(32)).map_err(|_| SecretError::Damaged)?;
        // Its working memory determines the key, so it is wiped as well.
        let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()]);
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            // Exposed because the key is derived from it.
            .hash_password_into_with_memory(
                passphrase.expose_secret().as_bytes(),
                &kdf.salt,
                &mut *key,
                memory.as_mut_slice(),
            )
            .map_err(|error| SecretError::Backend(error.to_string()))?;
        Ok(Self(key))
    }

    /// Nonce and sealed text. `binding` is not in it, and opening needs the same.
    pub(super) fn seal(&self, text: &[u8], binding: &[u8]) -> Result<Vec<u8>, SecretError> {
        let nonce: [u8; NONCE_LENGTH] = random()?;
        let sealed = self
            .cipher()
            .encrypt(Nonce::from_slice(&nonce), Payload { msg: text, aad: binding })
            // Only for texts of 64 GiB.
            .map_err(|_| SecretError::TooLong { limit: usize::MAX })?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// The text; `None` when it was not sealed with this key and binding.
    pub(super) fn open(&self, sealed: &[u8], binding: &[u8]) -> Option<Bytes> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LENGTH)?;
        let text = self.cipher().decrypt(Nonce::from_slice(nonce), Payload { msg: sealed, aad: binding }).ok()?;
        Some(Zeroizing::new(text))
    }

    /// The key's bytes, sealed under another key.
    pub(super) fn wrap(&self, inner: &Self, binding: &[u8]) -> Result<Vec<u8>, SecretError> {
        self.seal(&*inner.0, binding)
    }

    /// Undoes [`Self::wrap`]; `None` when this is not the key that it was sealed under.
    pub(super) fn unwrap(&self, wrapped: &[u8], binding: &[u8]) -> Option<Self> {
        let bytes = self.open(wrapped, binding)?;
        let mut key = Zeroizing::new([0; 32]);
        (bytes.len() == key.len()).then(|| key.copy_from_slice(&bytes))?;
        Some(Self(key))
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&*self.0))
    }
}

/// Random bytes of the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(|error| SecretError::Backend(error.to_string()))?;
    Ok(bytes)
}
