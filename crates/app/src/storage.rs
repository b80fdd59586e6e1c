//! Where secrets are kept, as the person chose: the system's keyring, or an encrypted file where there is none.

use courrier_model::Secret;
use courrier_secrets::{EncryptedFile, SecretError, SecretStore as _, StoreState};

use crate::credentials::STORAGE;
use crate::view::SecretStorageView;
use crate::{AppError, Courrier};

impl Courrier {
    /// From now on new secrets go to an encrypted file in the data folder, made with this passphrase; a file that is
    /// there already is opened with it. Secrets in the keyring stay there and stay readable where the keyring is.
    ///
    /// Only ever called because the person asked for it. Takes a good part of a second (Argon2id).
    pub fn keep_secrets_in_file(&self, passphrase: &Secret) -> Result<SecretStorageView, AppError> {
        let path = self.store().home().join(EncryptedFile::FILE_NAME);
        if !path.try_exists().map_err(|error| AppError::SecretFile(SecretError::Io(error)))? {
            EncryptedFile::create(&path, passphrase).map_err(AppError::SecretFile)?;
        }
        self.encrypted_file().unlock_with(passphrase).map_err(AppError::SecretFile)?;
        self.store().set_setting(STORAGE, "\"file\"")?;
        self.secret_storage()
    }

    /// From now on new secrets go to the system's keyring. Those in the file stay there.
    pub fn keep_secrets_in_keyring(&self) -> Result<SecretStorageView, AppError> {
        self.store().set_setting(STORAGE, "\"keyring\"")?;
        self.secret_storage()
    }

    /// True if there is an encrypted file that this process has not opened, whether it is in use for new secrets or not.
    pub fn secret_file_is_locked(&self) -> bool {
        self.encrypted_file().state() == StoreState::Locked
    }

    /// Opens the encrypted file for this process.
    pub fn unlock_secret_file(&self, passphrase: &Secret) -> Result<SecretStorageView, AppError> {
        self.encrypted_file().unlock_with(passphrase).map_err(AppError::SecretFile)?;
        self.recover()?;
        self.secret_storage()
    }
}
