### What went wrong and what to do about it, and the words of the command line. `window.ftl` beside it has the window's own.
###
### A message says what happened, in one sentence; its `.remedy` says what to do. Ids follow the stable codes:
### `problem-auth-rejected` words `auth.rejected`.

## Problems of a check
##
## Every problem and its remedies may use:
##   $host, $port, $security ("tls", "starttls", "none"), $username: the server's settings
##   $side: "imap" (receiving) or "smtp" (sending)
##   $address: the account's address
##   $provider: the provider's name; the host where it is not known
##   $service: the protocol that answered instead, such as "POP3"; "unknown" if it can't be told
##   $date: the certificate's end, or its start where that is what is wrong
##   $names: the names in the certificate; "none" if it has none
##   $port_tls, $port_starttls: the usual ports of this side

# The protocol that this side speaks; other messages refer to it.
side-protocol =
    { $side ->
        [imap] IMAP
       *[smtp] SMTP
    }

problem-dns-no_such_host = There is no server named { $host }.
    .remedy = Check the spelling of the server name; the provider’s help pages give it. A company’s server may be known only in its own network or VPN.
problem-dns-no_address = The name { $host } exists, but has no address to connect to.
    .remedy =
        { $side ->
            [imap] Check the server name for receiving; the provider’s help pages give it.
           *[smtp] Check the server name for sending; the provider’s help pages give it.
        } A company’s server may be reachable only from its own network or VPN.
problem-dns-unreachable = The name { $host } could not be looked up, because the network’s name service does not answer.
    .remedy = Check your network connection and VPN, then try again. If other programs reach the internet, wait a few minutes: the name service may be out of order.

problem-net-offline = There is no way from this computer to { $host }; it seems to be offline.
    .remedy = Connect to a network, then check again. A company’s server may need its VPN.
problem-net-refused = { $host } refuses connections on port { $port }.
    .remedy = Check the port: usual are { $port_tls } for TLS and { $port_starttls } for STARTTLS. If the server runs on this computer, as a mail bridge does, start it.
problem-net-timed_out = { $host } does not answer on port { $port }.
    .remedy =
        A firewall may block this port, or the port is not the right one: usual are { $port_tls } for TLS and { $port_starttls } for STARTTLS. { $side ->
            [imap] Trying from another network shows which it is.
           *[smtp] Port 25 is blocked in most networks.
        }
problem-net-reset = The connection to { $host } was cut off.
    .remedy = Try again. If it happens every time, a firewall, a VPN or an antivirus program may be in the way: try without it or from another network.
problem-net-proxy_failed = The proxy did not connect to { $host }, port { $port }.
    .remedy = Check the proxy’s address (environment variable ALL_PROXY) and that the proxy is running. Whoever runs it may have to allow this port.

problem-tls-plaintext_port = { $host } does not speak TLS from the start on port { $port }.
    .remedy = Set the encryption to STARTTLS (usual port: { $port_starttls }), or use TLS on port { $port_tls }.
problem-tls-implicit_port = { $host } expects TLS from the start on port { $port }.
    .remedy = Set the encryption to TLS; the usual port for it is { $port_tls }.
problem-tls-starttls_missing = { $host } does not offer encryption by STARTTLS on port { $port }.
    .remedy = Set the encryption to TLS and the port to { $port_tls }. On a public network, try another one: somebody there may be hiding the offer.
problem-tls-starttls_refused = { $host } offers encryption by STARTTLS, but then refuses it.
    .remedy = Try again in a few minutes, or set the encryption to TLS and the port to { $port_tls }. If neither works, ask whoever runs the server.
problem-tls-version_too_old = { $host } knows only versions of TLS that are no longer safe.
    .remedy = Ask whoever runs the server to switch on TLS 1.2 or 1.3, or if there is a newer server.
problem-tls-handshake_failed = No safe connection to { $host } could be agreed on.
    .remedy = Check the server name, the port and the encryption. If they are right, an antivirus program or a firewall that reads along may be in the way: try another network, or ask whoever runs the server.
problem-tls-closed = { $host } ended the connection while encryption was being set up.
    .remedy = Check the port: usual are { $port_tls } for TLS and { $port_starttls } for STARTTLS. If it is right, try again in a few minutes.

problem-tls-certificate_self_signed = { $host } proves its identity only with a certificate that it made itself.
    .remedy = That is normal for a mail bridge on this computer or a server of your own: ask whoever runs it, or add the certificate to this computer’s trusted certificates. Never do so for a public provider’s server: somebody may be posing as it.
problem-tls-certificate_untrusted = This computer does not trust the issuer of the certificate of { $host }.
    .remedy = Ask whoever runs the server to install the complete certificate chain. In a company, or with an antivirus program that checks mail, their certificate authority must be among this computer’s trusted certificates.
problem-tls-certificate_expired = The certificate of { $host } expired on { $date }.
    .remedy = Check this computer’s date and time first. If they are right, whoever runs the server must renew the certificate.
problem-tls-certificate_not_yet_valid = The certificate of { $host } is valid only from { $date }.
    .remedy = Check this computer’s date and time first; the clock may be slow. If they are right, whoever runs the server must replace the certificate.
problem-tls-certificate_wrong_host =
    { $names ->
        [none] The certificate of { $host } names no server.
       *[other] The certificate of { $host } is made for other names: { $names }.
    }
    .remedy = Use the server name that the provider’s help pages give. If it is the one you have, ask whoever runs the server for a certificate with this name.
problem-tls-certificate_invalid = The certificate of { $host } is damaged or too weak to be trusted.
    .remedy = Ask whoever runs the server to replace the certificate.

problem-protocol-no_greeting = { $host } accepts connections on port { $port }, but says nothing.
    .remedy = Check the port and the encryption: usual are { $port_tls } for TLS and { $port_starttls } for STARTTLS. If they are right, try again in a few minutes; a firewall may also hold the answer back.
problem-protocol-timed_out = { $host } stopped answering.
    .remedy = Try again in a few minutes. If it happens every time, try another network or ask whoever runs the server.
problem-protocol-wrong_service =
    { $service ->
        [unknown] No { side-protocol } server answers at { $host }, port { $port }, but something else.
       *[other] A server for { $service } answers at { $host }, port { $port }, not one for { side-protocol }.
    }
    .remedy =
        { $service ->
            [IMAP] This server is for receiving. Enter the provider’s server for sending; usual ports are { $port_tls } for TLS and { $port_starttls } for STARTTLS.
            [SMTP] This server is for sending. Enter the provider’s server for receiving; usual ports are { $port_tls } for TLS and { $port_starttls } for STARTTLS.
            [POP3] Courrier does not use POP3. Enter the provider’s { side-protocol } server; usual ports are { $port_tls } for TLS and { $port_starttls } for STARTTLS.
            [HTTP] Check the server name and the port: usual are { $port_tls } for TLS and { $port_starttls } for STARTTLS. In a hotel or on a train, sign in to the network in a browser first.
           *[other] Check the server name and the port: usual are { $port_tls } for TLS and { $port_starttls } for STARTTLS.
        }
problem-protocol-closed = { $host } ended the connection without a word.
    .remedy = Check the port and the encryption: usual are { $port_tls } for TLS and { $port_starttls } for STARTTLS. If they are right, wait a few minutes: some servers turn everybody away after too many attempts.

problem-server-unavailable = { $host } is not available at the moment.
    .remedy = Nothing needs to be changed here. Try again in a few minutes; if it lasts, ask your provider.
problem-server-too_many_connections = { $host } has too many connections open for you.
    .remedy = Close other mail programs, on your phone too, and wait a few minutes. What you sign in with is not the cause.

problem-auth-rejected = The server does not accept this user name and password.
    .remedy = Type the password again, and check that “{ $username }” is the user name your provider gave you. With two-step sign-in, an app password may be needed.
    .remedy-app_password = { $provider } accepts only an app password, which is made for mail programs. Either this is your usual password, or the app password is mistyped or was revoked. Make a new one at { $provider } and use it instead.
    .remedy-imap_off = Either the password is wrong, or access for mail programs (IMAP) is switched off at { $provider }. Check that IMAP is on in the settings of your mailbox there, then type the password again.
    .remedy-local_part = { $provider } wants only the part before the @ as user name, instead of “{ $username }”. Change the user name; if that does not help, type the password again.
problem-auth-app_password_required = { $provider } wants an app password.
    .remedy = Your usual password does not work in mail programs. Make an app password in the security settings of your account at { $provider }, and use it instead.
problem-auth-oauth_required = { $provider } wants you to sign in through the browser.
    .remedy = Continue in the browser (in a terminal: courrier authorize { $address }). A password does not help here.
problem-auth-smtp_disabled_by_admin = Your organisation does not allow sending from mail programs.
    .remedy = Ask its administrator to switch on authenticated SMTP for { $address }.
problem-auth-protocol_disabled = Access for mail programs is switched off at { $provider }.
    .remedy = Switch IMAP on in the settings of your mailbox at { $provider }, wait a few minutes, then check again.
problem-auth-browser_confirmation_required = { $provider } wants to make sure that it is you.
    .remedy = Sign in to your mailbox in a browser and confirm what it asks. Then check again.
problem-auth-token_rejected = { $provider } does not accept the present sign-in any more.
    .remedy = Sign in again through the browser.
problem-auth-token_expired = The sign-in at { $provider } has expired.
    .remedy = Sign in again through the browser.
problem-auth-scope_missing =
    { $side ->
        [imap] The sign-in at { $provider } does not permit receiving mail.
       *[smtp] The sign-in at { $provider } does not permit sending mail.
    }
    .remedy = Sign in again through the browser, and allow Courrier to read and send mail when you are asked.
problem-auth-consent_required = { $provider } needs your permission before Courrier may use this mailbox.
    .remedy = Sign in again through the browser, and agree when you are asked.
problem-auth-admin_consent_required = Your organisation has to approve Courrier before you can use this mailbox.
    .remedy = Ask your organisation’s administrator to approve Courrier for mail. Then sign in again through the browser.
problem-auth-mechanism_unsupported = { $host } and Courrier have no way of signing in that both know.
    .remedy = Check that server, port and encryption are those that your provider gives. If they are, ask the provider how mail programs can sign in.
problem-auth-not_offered = { $host } offers no sign-in on port { $port }.
    .remedy =
        { $side ->
            [imap] Check the port: usual are { $port_tls } for TLS and { $port_starttls } for STARTTLS.
           *[smtp] Use port { $port_tls } with TLS, or port { $port_starttls } with STARTTLS; port 25 is for mail between servers. If this server wants no sign-in, switch the sign-in for sending off.
        }
problem-auth-encryption_required = Signing in at { $host } needs an encrypted connection.
    .remedy = Set the encryption to TLS (port { $port_tls }) or STARTTLS (port { $port_starttls }).
problem-auth-provider_unreachable = The sign-in service of { $provider } does not answer.
    .remedy = Check the network, then try again in a few minutes. Nobody has to sign in again because of that.
problem-auth-temporary_failure = { $host } can’t check sign-ins at the moment.
    .remedy =
        { $auth ->
            [oauth] Your permission may well be in order: try again in a few minutes.
           *[password] The password may well be right: leave it as it is, and try again in a few minutes.
        }
problem-auth-rate_limited = There were too many sign-in attempts, so { $host } refuses more for now.
    .remedy =
        { $auth ->
            [oauth] Wait an hour, then check once. Look for another program or phone that still signs in in an old way.
           *[password] Wait an hour, then check once. Look for another program or phone that still uses an old password.
        }
problem-auth-locked = { $provider } has locked this account.
    .remedy = Sign in on the provider’s website to see why, or ask your provider or administrator. Further attempts from here may prolong the lock.
problem-auth-password_expired = The password of “{ $username }” has expired.
    .remedy = Choose a new one on the provider’s website or with your administrator, then enter it here.
problem-auth-connected_not_authorised = Signing in worked, but “{ $username }” may not open this mailbox.
    .remedy =
        { $auth ->
            [oauth] Check that this user name belongs to { $address }, and that you signed in in the browser as somebody who may open the mailbox. For a shared mailbox, ask the administrator to give you access.
           *[password] Check that this user name belongs to { $address }. For a shared mailbox, ask the administrator to give you access.
        }

problem-mailbox-inbox_missing = Signing in worked, but the inbox can’t be opened.
    .remedy = Open the mailbox once on the provider’s website, then check again. If that does not help, ask your provider.
problem-smtp-sender_refused = { $host } does not accept { $address } as the sender.
    .remedy = Use the user name that belongs to this address, or ask your provider to let you send with it. An address with accents or other special letters needs a server that supports it.
problem-smtp-relay_denied = { $host } does not pass on mail from you.
    .remedy = Check that sending signs in. If it does, this server may only serve its own network: connect to that or its VPN, or ask your provider.

problem-secret-missing = There is no password to sign in with.
    .remedy = Type the password of { $address }, then check again.
problem-keyring-locked = The keyring is locked, so what is needed to sign in can’t be read.
    .remedy = Unlock the keyring, then check again.
problem-keyring-absent = This computer has no keyring, so what is needed to sign in can’t be read.
    .remedy = Install and start a keyring service, such as GNOME Keyring or KWallet, then check again.
problem-other = { $host } did something that Courrier has no explanation for.
    .remedy = If the server said something, its words are shown. Try again later; if it stays so, send the report to your provider.

## Warnings of a check: it works, but something wants attention

warning-mailbox-over_quota = The mailbox is full.
    .remedy = You can still read, but new mail may be turned away. Delete large messages and empty the bin, or ask your provider for more space.
# $date: the certificate's end
warning-tls-certificate_expires_soon = The server’s certificate expires on { $date }.
    .remedy = There is nothing to do unless you run the server; then renew the certificate before that day.

## Errors: what was asked for could not be done, and nothing was changed

error-account-not_found = There is no account with this address.
    .remedy = Check the spelling of the address, or add the account.
error-account-address_taken = Another account has this address.
    .remedy = Change that account, or use another address.
error-endpoint-missing = Courrier does not know this provider’s servers.
    .remedy = Enter the servers for receiving and for sending; the provider’s help pages give them.
error-secret-missing = No password is stored for this account.
    .remedy = Enter the account’s password; it is kept if it works.
error-secret-missing_oauth = { $provider } has not been given your permission on this computer yet.
    .remedy = Sign in through the browser (in a terminal: courrier authorize and the address).
error-keyring-locked = The keyring is locked.
    .remedy = Unlock the keyring, then try again.
error-keyring-absent = This computer has no keyring, so neither passwords nor sign-ins can be kept or read.
    .remedy = Install and start a keyring service, such as GNOME Keyring or KWallet, then try again.
error-keyring-absent_none_yet = No keyring has been created on this computer yet, so neither passwords nor sign-ins can be kept or read.
    .remedy = Create a keyring, then try again. Or keep passwords in an encrypted file.
error-keyring-wrong_passphrase = This passphrase does not open the encrypted file.
    .remedy = Type it again; mind capital letters and the keyboard layout.
error-keyring-damaged = What is stored for this account is damaged and can’t be read.
    .remedy = Enter the account’s password again, or sign in again through the browser, to store it anew. If that fails too, bring Courrier’s data folder back from a backup.
# $limit: the most that the keyring takes, in bytes
error-keyring-too_long = The password is too long for this computer’s keyring, which takes { $limit } bytes.
    .remedy = Check that only the password was pasted. If it really is that long, choose a shorter one at your provider.
error-keyring-newer_version = The encrypted file with the passwords was written by a newer version of Courrier.
    .remedy = Update Courrier on this computer.
error-keyring-failed = The keyring did not store or return a secret.
    .remedy = Try again. If it fails every time, restart the computer or look at the system’s keyring program.
error-store-read_only = Courrier may not write to its data folder.
    .remedy = Give yourself permission to write to the folder, or choose another one. What is stored can still be read.
error-store-full = The disk is full.
    .remedy = Free some space, then try again.
error-store-busy = Another Courrier is using the data right now.
    .remedy = Wait a moment, then try again.
error-store-corrupt = Courrier’s database is damaged or was not made by Courrier.
    .remedy = It was left as it is. Bring the data folder back from a backup, or move it away to start afresh.
# $found: version of the database; $known: the newest version that this program reads
error-store-newer_version = The database comes from a newer version of Courrier (format { $found }; this one reads up to { $known }).
    .remedy = Update Courrier on this computer. Nothing was changed.
error-store-failed = Courrier’s data folder can’t be used.
    .remedy = Check that the disk works and is connected, then try again.
error-store-no_folder = Courrier found no folder for its data.
    .remedy = Set the environment variable COURRIER_HOME to a folder that you may write to.
error-cancelled = Cancelled.
    .remedy = Nothing was changed. Start again whenever you like.
error-page-unknown = Courrier opens only pages that it knows.
    .remedy = If you trust this page, open it in your browser yourself.
error-check-not_found = This check is no longer stored.
    .remedy = Check the account again.
error-clipboard-failed = The clipboard can’t be used.
    .remedy = Show the password and type it, or try again.
error-browser-failed = No browser could be opened.
    .remedy = Choose a default browser, then try again.
error-internal = Something went wrong inside Courrier.
    .remedy = Try again. If it comes back, report it with what you did just before.

error-input-address = This is not a mail address.
    .remedy = Write it like name@example.org.
error-input-domain = The part after the @ is not a domain name.
    .remedy = Write it like example.org.
error-input-host = This is not a server name.
    .remedy = Write a name like imap.example.org, or an IP address.
error-input-port = This is not a port.
    .remedy = Give a number from 1 to 65535.
error-input-security = This is not a kind of encryption.
    .remedy = Choose tls, starttls or none.
error-input-auth = This way of signing in can’t be used here.
    .remedy = Choose password or oauth; none is for sending only.
error-input-endpoint = This is not a complete server.
    .remedy = Write it as HOST:PORT/SECURITY, for example imap.example.org:993/tls.
error-input-color = This is not a colour.
    .remedy = Write it as # and six digits or letters from a to f, for example #3366cc.
error-input-username = This can’t be a user name.
    .remedy = Leave out line breaks and the like, make it shorter if it is very long, and don’t leave it empty.
error-input-display_name = This can’t be a name.
    .remedy = Leave out line breaks and the like, and make it shorter if it is very long.
error-input-id = This is not an id that Courrier gave out.
    .remedy = Take it from the list of accounts.
error-input-setting = This value can’t be set.
    .remedy = Choose one of the values on offer.
error-usage = The command was not understood.
    .remedy = “courrier --help” shows how to write it.

## Stages of a check, as facts; `.failed` where it did not come to that

stage-resolve = Name found
    .failed = Name not found
stage-connect = Connected
    .failed = Not connected
stage-secure = Encrypted, certificate valid
    .failed = No safe encryption
stage-greet =
    { $side ->
        [imap] IMAP server answers
       *[smtp] SMTP server answers
    }
    .failed =
        { $side ->
            [imap] No answer from the IMAP server
           *[smtp] No answer from the SMTP server
        }
stage-capabilities = Features known
    .failed = Features unknown
stage-authenticate = Signed in
    .failed = Not signed in
stage-inbox = Inbox opened
    .failed = Inbox not opened
stage-sender = Sender accepted
    .failed = Sender not accepted

## Accounts in a few words

side-imap = Receiving
side-smtp = Sending
state-ok = Works
state-problem = Problem
state-unchecked = Not checked
state-sign_in_needed = Sign in again
state-paused = Paused
primary = primary
security-tls = encrypted
security-starttls = encrypted by STARTTLS
security-none = not encrypted
auth-password = password
auth-oauth = sign-in through the browser
auth-none = no sign-in
label-receiving = Receiving
label-sending = Sending
label-user = User name
label-security = Encryption
label-name = Name
label-color = Colour
label-identities = Also sends as
label-added = Added
label-changed = Changed
label-health = Health

## Doctor: what this computer offers

doctor-keyring-ready = Passwords can be kept: a test entry was written, read back and deleted.
doctor-keyring-locked = The keyring is locked.
    .remedy = Unlock it, then look again.
doctor-keyring-absent = This computer has no keyring, so passwords can’t be kept or read.
    .remedy = Install and start a keyring service, such as GNOME Keyring or KWallet, then look again.
doctor-keyring-none_yet = No keyring has been created on this computer yet, so passwords can’t be kept or read.
    .remedy = Create a keyring, then look again. Or keep passwords in an encrypted file.
doctor-keyring-failed = The keyring did not store and return a test entry.
    .remedy = Restart the computer or look at the system’s keyring program, then look again.
doctor-database-ok =
    { $accounts ->
        [one] The database is in order, with { $accounts } account.
       *[other] The database is in order, with { $accounts } accounts.
    }
doctor-database-read_only = The database can be read, but not changed.
    .remedy = Give yourself permission to write to Courrier’s data folder.
doctor-database-failed = The database can’t be read.
    .remedy = Check that the disk works and has space. If it does, bring Courrier’s data folder back from a backup.
doctor-clock-ok = The clock shows { $time }, which is plausible.
doctor-clock-wrong = The clock shows { $time }, which can’t be right.
    .remedy = Set this computer’s date and time. Until then, servers’ certificates may look expired or not yet valid.
doctor-proxy-none = No proxy is set.
doctor-proxy-ok = The proxy { $proxy } answers.
# $reason: what went wrong, in the system's or the proxy's words
doctor-proxy-failed = The proxy { $proxy } can’t be used: { $reason }
    .remedy = Check the proxy’s address (environment variable ALL_PROXY) and that the proxy is running.
doctor-network-ok = This computer is connected to a network.
doctor-network-offline = This computer is not connected to a network.
    .remedy = Connect to a network. Stored accounts and passwords can be used meanwhile.
doctor-server-none = Not signed in to an organisation: there is nothing to test.

## Report of a check, as text to hand on

report-title = Check of { $address }
report-time = Checked { $time }
report-version = Courrier { $version }
report-note = Passwords, other secrets and paths on this computer were left out.
report-problem = Problem:
report-server_said = The server said:
report-what_to_do = What to do:

## Command line

cli-saved = { $address } is saved.
cli-updated = { $address } is updated.
cli-removed = { $address } is removed.
cli-not_saved = Nothing was saved.
cli-no_accounts = No account yet. Add one with: courrier account add name@example.org
cli-all_works = Receiving and sending work.
cli-has_problems = There is a problem.
cli-took = { $ms } ms
cli-server_said = The server said:
cli-what_to_do = What to do:
cli-warning = Warning:
cli-checked_never = Never checked
cli-checked_at = Checked { $time }
cli-primary = { primary }
cli-no_secret = no password stored
cli-no_tokens = not signed in
cli-unchecked = not checked

## Reading secrets, and where they are kept

error-input-password = No password could be read.
    .remedy = Put the password alone on the first line, as plain UTF-8 text.
error-input-passphrase = No passphrase could be read.
    .remedy = Type it, or put it alone on the first line of the file.
error-input-client_secret = No client secret could be read.
    .remedy = Put it alone on the first line of standard input, as it was given to you with the client id.
cli-password = Password:
cli-client_secret = Client secret:
cli-passphrase = Passphrase of the encrypted file:
cli-storage-keyring-ready = Passwords are kept in this system’s keyring, which is open.
cli-storage-keyring-locked = Passwords are kept in this system’s keyring, which is locked.
cli-storage-keyring-absent = Passwords are to be kept in this system’s keyring, but there is none.
cli-storage-keyring-none_yet = Passwords are to be kept in this system’s keyring, but none has been created yet. Create one with: courrier storage --unlock
cli-storage-file-ready = Passwords are kept in an encrypted file, which is open.
cli-storage-file-locked = Passwords are kept in an encrypted file, which is locked.
cli-storage-file-absent = Passwords are to be kept in an encrypted file, but it is missing.

## The encrypted file in place of the keyring

error-keyring-locked_file = The encrypted file with the passwords is locked.
    .remedy = Open it with its passphrase.
error-keyring-absent_file = The encrypted file with the passwords is missing.
    .remedy = Restore it to the data folder, or choose again where passwords are kept.
doctor-file-ready = The encrypted file takes a password and gives it back.
doctor-file-locked = The encrypted file with the passwords is locked.
    .remedy = Open it with its passphrase, then look again.
doctor-file-absent = The encrypted file with the passwords is missing.
    .remedy = Restore it to the data folder, or choose again where passwords are kept.
doctor-file-failed = The encrypted file doesn’t give back what was written to it.
    .remedy = Look whether the disk is full or the data folder read-only.

## The organisation's server: signing in, and carrying accounts

error-signin-cancelled = Signing in was cancelled.
    .remedy = Nothing was changed. Start again whenever you like.
error-signin-timed_out = Nobody signed in within the time there was.
    .remedy = Start again. If the browser did not find back to Courrier, paste the address it shows, or sign in with a code.
error-signin-denied = Your organisation refused the sign-in.
    .remedy = If you did not refuse it yourself, ask your administrator whether you may use Courrier.
error-signin-forged = The answer to the sign-in is not genuine, so it was not used.
    .remedy = Start again. If it happens again, tell your administrator: somebody may be interfering.
error-signin-refused = The sign-in page’s answer was not accepted.
    .remedy = Start again. If it happens again, tell your administrator.
error-signin-no_refresh_token = Your organisation lets nobody stay signed in, and Courrier can’t work like that.
    .remedy = Ask your administrator to allow offline access for Courrier.
error-signin-clock = This computer’s clock is wrong, so the sign-in can’t be verified.
    .remedy = Set date and time, then start again.
error-signin-needed = You are not signed in to your organisation.
    .remedy = Sign in. Your accounts on this computer stay as they are.
error-signin-other_person = Somebody else is signed in on this computer.
    .remedy = Sign out first. Two people’s accounts are never mixed.
error-signin-issuer_changed = The server sends people to another sign-in page than before.
    .remedy = If your organisation moved it, sign out, keep your accounts, and sign in again. If you don’t know of that, ask your administrator first.
error-signin-browser = No browser could be opened for the sign-in.
    .remedy = Choose a default browser and start again, or sign in with a code on another device.
error-signin-not_the_address = This is not the address that the browser ended at.
    .remedy = Copy the whole address line of the page that could not be shown; it begins with http://127.0.0.1.
error-issuer-unreachable = Your organisation’s sign-in service does not answer.
    .remedy = Check the network, then try again. Your accounts on this computer stay usable.
error-issuer-misconfigured = Your organisation’s sign-in service is not set up for Courrier.
    .remedy = Tell your administrator; Courrier’s log says what is missing.
error-server-no_answer = No server answers at this address.
    .remedy = Check the address and the network, then try again. An organisation’s server may need its VPN.
error-server-unreachable = Your organisation’s server does not answer.
    .remedy = Check the network, then try again. Changes are kept and sent when it answers.
error-server-refused = The server refused the request.
    .remedy = Try again. If it happens again, update Courrier or tell your administrator.
error-server-not_courrier = What answers at this address is not a Courrier server.
    .remedy = Check the address. On a hotel’s or airport’s network, sign in there first.
error-server-insecure = The connection to this server would not be encrypted.
    .remedy = Give an address that begins with https://.
error-server-too_new = The server is newer than this Courrier.
    .remedy = Update Courrier on this computer.
error-device-revoked = This computer’s access was revoked.
    .remedy = If you want to use it again, sign in again; it is then a new one in the list of your computers.
error-device-not_found = There is no such computer.
    .remedy = Take its id from the list of your computers.
error-sync-failed = The accounts could not be exchanged with the server.
    .remedy = Try again. Nothing is lost: changes wait on this computer.
error-input-server = This is not the address of a server.
    .remedy = Write it like https://courrier.example.org.
error-input-device_name = This can’t be a computer’s name.
    .remedy = Use 1 to 100 characters on one line.
doctor-server-ok = Signed in to { $server }, which answers.
doctor-server-must_sign_in = { $server } answers, but the sign-in has ended.
    .remedy = Sign in again. Accounts on this computer stay usable meanwhile.
doctor-server-unreachable = { $server } does not answer.
    .remedy = Check the network. Accounts on this computer stay usable, and changes wait.
doctor-server-other = What answers at { $server } is no Courrier server that this program understands.
    .remedy = Check whether this network asks for a sign-in of its own, and whether Courrier is up to date.

## Pages that the browser shows at the end of a sign-in

page-signed_in = You are signed in
    .body = You can close this page and go back to Courrier.
page-authorized = Courrier may use this mailbox
    .body = You can close this page and go back to Courrier.
page-signed_out = You are signed out
    .body = You can close this page.
page-failed = Nobody was signed in
    .body = Go back to Courrier, which says why.
page-stray = This sign-in is over
    .body = Go back to Courrier and start again if you still want to sign in.

## Signing in by a terminal

cli-signin-browser = Waiting for you to sign in in the browser…
cli-signin-open = Open this address in a browser on this computer:
cli-signin-paste = If the browser can’t find back, paste the address that it shows here and press Enter.
cli-signin-code = Open { $url } on any device and enter the code { $code }
cli-signed_in = Signed in to { $server } as { $person }.
cli-signed_out = Signed out of { $server }.
cli-this_computer = This computer: { $device }
cli-travelling =
    { $accounts ->
        [one] { $accounts } account of this computer travels from now on.
       *[other] { $accounts } accounts of this computer travel from now on.
    }
cli-synced = { $sent } sent, { $received } received, { $pending } waiting
cli-conflict = { $address } was changed elsewhere too; what gave way is in its history.
cli-conflict-gone = an account that was removed
cli-device-current = this computer
cli-device-revoked = revoked
cli-device-seen = last seen { $time }
cli-device-renamed = { $device } is renamed.
cli-device-revoked_now = { $device } has no access any more.

## Accounts that sign in through the browser
##
## Every error may use $provider: the provider's name, or the issuer's host

# $app_passwords: the page where an app password is made, "none" where mail programs can't use one;
# $registration: the page where a client id is made, "none" where there is no such page
error-oauth-client_missing = Courrier is not registered at { $provider } yet, so it can’t send you to its sign-in page.
    .remedy =
        { $app_passwords ->
            [none] Your organisation’s server can give Courrier a client id.
           *[other] Use an app password instead (made at { $app_passwords }).
        } { $registration ->
            [none] Whoever runs { $provider } can register Courrier; enter the client id in the settings (in a terminal: --client-id).
           *[other] Or register a client id of your own at { $registration } and enter it in the settings (in a terminal: --client-id).
        }
# $registration: the page where a client id and its secret are made
error-oauth-client_secret_missing = { $provider } wants a client secret beside the client id.
    .remedy = It was given to you with the client id (at { $registration }). In a terminal, add --client-secret-stdin and type it or pipe it in.
error-oauth-provider_unknown = Nobody says where this account’s sign-in page is.
    .remedy = Ask whoever runs the mail server for the address of the sign-in service, and give it (in a terminal: --issuer).
error-oauth-not_used = This account signs in by password.
    .remedy = Sign in through the browser first (in a terminal: courrier authorize and the address), or ask for the password instead.
# $account: the account's address; $consented: the address that signed in
error-oauth-other_address = You signed in as { $consented }, but this is the account { $account }.
    .remedy = Sign in as { $account }. If this is a shared mailbox or you read it for somebody else, use this sign-in anyway (in a terminal: --as-delegate).
error-oauth-host_changed = The account’s servers have changed, and this sign-in is not meant for the new ones.
    .remedy = If you know the new servers, sign in again through the browser. If not, set them back: your sign-in was shown to nobody.
# $reason: a code, as in oauth-reason-…
error-oauth-sign_in_needed =
    { $reason ->
        [idle] { $provider } has ended the sign-in because it was not used for a long time.
        [expired] The sign-in at { $provider } has expired.
        [sign_in_frequency] Your organisation wants you to sign in again from time to time.
        [revoked] { $provider } has ended the sign-in: the password was changed, or access was taken away.
        [second_factor] { $provider } wants a second proof that it is you.
        [conditional_access] Your organisation’s rules do not allow this sign-in.
       *[other] { $provider } wants you to sign in again.
    }
    .remedy =
        { $reason ->
            [conditional_access] Ask your administrator what this computer or network needs. Then sign in again through the browser.
           *[other] Sign in again through the browser (in a terminal: courrier authorize and the address).
        }
# $page: a page for the administrator, or "none"
error-oauth-admin_consent = Your organisation has to approve Courrier before you can use this mailbox.
    .remedy =
        { $page ->
            [none] Ask your organisation’s administrator to approve Courrier for mail, then sign in again.
           *[other] Send this link to your organisation’s administrator, and sign in again once Courrier is approved: { $page }
        }
error-oauth-denied = { $provider } was not given permission.
    .remedy = If that was a mistake, start again and agree. Otherwise nothing was changed.
error-oauth-no_refresh_token = { $provider } gave only a short permission, with which Courrier would soon have to ask you again.
    .remedy = Start again and agree to everything that is asked. If it stays so, whoever runs { $provider } has to allow offline access for Courrier.
error-oauth-scope_missing = Not everything that Courrier needs was permitted at { $provider }.
    .remedy = Start again, and permit both reading and sending mail.
error-oauth-refused = { $provider } did not accept the answer of its own sign-in page.
    .remedy = Start again. If it happens again, check this computer’s date and time.
error-oauth-misconfigured =
    { $reason ->
        [redirect_mismatch] { $provider } does not know the address that Courrier wants to be called back at.
        [unknown_application] Your organisation does not know Courrier’s client id.
        [personal_account] A personal account can’t be used with this client id.
        [secret_demanded] Courrier’s client id is registered as a website instead of as a program for computers.
       *[other] { $provider } is not set up for Courrier, or the client id is wrong.
    }
    .remedy = Check the client id and how it is registered; whoever registered it can. Courrier’s log says what { $provider } answered.
error-oauth-unreachable = { $provider } does not answer.
    .remedy = Check the network, then try again. Nobody has to sign in again because of that.
error-input-issuer = This is not the address of a sign-in service that can be used here.
    .remedy = Write it like https://id.example.org/realms/office. It must be encrypted, and no other provider’s.

# Why a provider wants the person, or does not know us: one sentence each
oauth-reason-consent = Something that Courrier needs was not permitted.
oauth-reason-admin_consent = Your organisation’s administrator has to approve Courrier.
oauth-reason-idle = The sign-in was not used for too long.
oauth-reason-sign_in_frequency = Your organisation wants a new sign-in from time to time.
oauth-reason-expired = The sign-in has expired.
oauth-reason-revoked = The password was changed, or access was taken away.
oauth-reason-second_factor = A second proof that it is you is wanted.
oauth-reason-conditional_access = Your organisation’s rules do not allow this sign-in.
oauth-reason-scopes_mixed = Permissions were asked for that do not go together.
oauth-reason-redirect_mismatch = The address to be called back at is not registered.
oauth-reason-personal_account = A personal account can’t be used here.
oauth-reason-unknown_application = Your organisation does not know Courrier’s client id.
oauth-reason-secret_demanded = The client id is registered as a website.
# $url: where the administrator approves
oauth-admin_text = Please approve the mail program Courrier for our organisation at { $provider }. It asks for permission to read and send a person’s own mail by IMAP and SMTP, and keeps the sign-in on that person’s computer. Approve it here: { $url } (once you have, the browser looks for a page on your own computer and may not find one: that is as it should be)

# $provider: the host of the page
cli-authorize-browser = Waiting for you to sign in at { $provider } in the browser…
cli-authorized = { $address } is signed in.
cli-authorize-next = Next, sign in through the browser: courrier authorize { $address }
cli-authorize-instead = Add it with --unchecked, then sign in through the browser: courrier authorize { $address }
cli-settling = Finishing: an account’s new access has to be stored before Courrier ends…
cli-unkept = An account’s new access could not be stored. It may have to sign in again: courrier authorize
label-tokens = Signed in
# $consented: who signed in; $provider: where
cli-tokens-working = as { $consented } at { $provider }
cli-tokens-nobody = at { $provider }
label-renewed = Renewed
label-sign_in_by = Sign in by

## What a desktop shows while no window is looked at: the tray and notifications

attention-none = Nothing needs you
# $address: the account's address
attention-account = { $address } must sign in again
# $count: so many accounts
attention-accounts = { $count } accounts must sign in again
attention-problems =
    { $count ->
        [one] An account does not work
       *[other] { $count } accounts do not work
    }
attention-detail = Until then mail programs get no access to the mailbox.
attention-sign_in = Sign in again
attention-sign_in_as = Sign in again as { $address }
attention-look = Look
tray-open = Open Courrier
tray-quit = Quit Courrier
