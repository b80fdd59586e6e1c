// Every command that a window may call, by the module of src/commands that it stands in. This list alone registers
// the handlers and makes the TypeScript bindings (lib.rs), and gives windows the permissions (build.rs): each
// includes this file after giving `commands!` its own meaning.
commands! {
    accounts: accounts, search, suggest, past_checks, remove_account, undo_removal;
    checks: check_account, add_account, edit_account, try_password, cancel_check;
    oauth: authorize_help, authorize_account, authorize_draft, use_other_address, drop_other_address, revoke_access,
        forget_access, mail_providers, set_client_id;
    program: start, first_frame_drawn, save_settings, open_help, doctor;
    server: session, sign_in, sign_in_with_code, paste_sign_in_answer, copy_sign_in_address, cancel_sign_in,
        choose_travelling, set_travels, choose_only_this_computer, sign_out, sync_now, devices, rename_device,
        revoke_device, see_newcomer, history, restore_version, see_conflicts, audit;
    secrets: reveal_secret, copy_secret, copy_text, copy_report, secret_storage, unlock_secrets,
        keep_secrets_in_file, keep_secrets_in_keyring, unlock_secret_file;
}
