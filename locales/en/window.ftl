### The window's words. `words.ftl` beside it has those of problems and remedies, shared with the command line.

## Rooms and the frame

rooms = Rooms
room-accounts = Accounts
room-add = Add an address
room-settings = Settings
starting = Opening Courrier
start-failed-kept = Nothing was changed or deleted.
try-again = Try again
messages = Messages
dismiss = Dismiss
failure-internal = Something went wrong inside Courrier.
failure-internal-remedy = Try again. If it comes back, report it with what you did just before.
cancel = Cancel
save = Save
copy = Copy
copied = Copied
change = Change
hide = Hide
look-again = Look again
open-page = Open the page

## List of accounts

search = Search
search-accounts = Search accounts
search-none = No account matches “{ $query }”.
add = Add
add-account = Add an account
account-count =
    { $count ->
        [one] { $count } account
       *[other] { $count } accounts
    }
last-checked = checked { $when }
offline-since = Offline since { $time }
check-all = Check all
checking-all =
    { $total ->
        [one] { $done } of { $total } account checked
       *[other] { $done } of { $total } accounts checked
    }
empty-title = No account yet
empty-text = Add a mail address, and it appears here.

## States in a word

label-works = Works
label-works-with-warning = Attention
label-failed = Failed
label-checking = Checking…
label-unchecked = Not checked
label-paused = Paused
label-sign-in = Sign in
label-password = Password
label-no-password = No password
label-offline = Offline
label-certificate = Certificate
label-keyring = Keyring
label-sign-in-problem = Sign-in
label-connection = Connection
label-encryption = Encryption
label-mailbox = Mailbox
label-sender = Sender
label-server = Server

## An account

primary = primary
more = More
make-primary = Make primary
copy-address = Copy address
address-copied = Address copied.
remove = Remove account
removed = { $address } was removed.
removed-detail = Its password goes from this computer when this message does.
undo = Undo
tab-health = Health
tab-settings = Settings
tab-credentials = Credentials
tab-elsewhere = Use elsewhere
when-yesterday = yesterday at { $time }
when-day = { $day } at { $time }

## Health

check-again = Check again
check-now = Check now
cancel-check = Stop
cancelling = Stopping…
checking = Checking…
unchecked-title = Not checked yet
unchecked-changed = Not checked since the settings changed
unchecked-text = Courrier connects to both servers and signs in. It sends and changes nothing.
sign-in-needed = Sign in again
sign-in-later = This provider wants you to sign in through the browser. Courrier will do that in a later version.
worked-until = It last worked { $when }.
still-works =
    { $side ->
        [imap] Receiving still works.
       *[smtp] Sending still works.
    }
change-settings = Change settings
copy-report = Copy report
past-checks = Recent checks
past-ok = Receiving and sending work
past-all =
    { $count ->
        [one] Show { $count } check
       *[other] Show all { $count } checks
    }
side-receiving = Receiving
side-sending = Sending
stages-show = Show every step
stages-hide = Hide the steps

## Stages, as facts and while they run

stage-resolve = Name found
stage-connect = Connected
stage-secure = Encrypted, certificate valid
stage-greet =
    { $side ->
        [imap] IMAP server answers
       *[smtp] SMTP server answers
    }
stage-capabilities = Features known
stage-authenticate = Signed in
stage-inbox = Inbox opened
stage-sender = Sender accepted
stage-ok = passed
stage-failed = failed
stage-running = under way
stage-waiting = not reached
running-resolve = Looking up…
running-connect = Connecting…
running-secure = Encrypting…
running-greet = Greeting…
running-capabilities = Asking…
running-authenticate = Signing in…
running-inbox = Opening…
running-sender = Testing…
detail-addresses = Addresses
detail-address = Connected to
detail-proxy = Through proxy
detail-protocol = Protocol
detail-cipher = Cipher
detail-server = Greeting
detail-service = Answered as
detail-capabilities = Features
detail-mechanism = Mechanism
detail-messages = Messages
certificate = Certificate
certificate-subject = Holder
certificate-issuer = Issuer
certificate-names = Made for
certificate-valid = Valid
certificate-span = { $from } to { $to }

## Passwords

password = Password
password-new = New password
password-show = Show password
password-hide = Hide password
password-missing = Type the password.
password-spaces = There are spaces around the password.
password-spaces-remove = Remove spaces
password-gaps = App passwords work without the gaps.
password-gaps-remove = Remove gaps
password-saved = The password works and is saved.
password-did-not-help = This password did not work either. It was not saved.
try-password = Try this password
trying = Trying…
sending-password = Sending password

## Credentials

credentials-offline = Works offline. A copied password leaves the clipboard by itself.
user-name = User name
user-name-of =
    { $side ->
        [imap] User name, receiving
       *[smtp] User name, sending
    }
hidden = hidden
reveal = Reveal
copied-seconds = Copied · { $seconds } s
copy-server = Copy server
port-and-security = port { $port } · { $security }
copy-port = Copy port
password-not-stored = No password is stored on this computer. Type it once; it is saved if it works.
password-oauth = This account signs in through the browser; there is no password.
security-tls = encrypted
security-starttls = encrypted by STARTTLS
security-none = not encrypted

## Use elsewhere

helper-title = Password for other programs
helper-text = Programs that can run a command for a password get it with this line. It is read from where Courrier keeps it, each time anew.
helper-places = Where the line goes:

## Settings of an account

settings-person = Account
settings-servers = Servers
settings-password = Password
name = Name
name-hint = How it is called here.
address = Address
color = Colour
color-number = Colour { $number }
color-own = Another colour
primary-choice = Primary account
primary-hint = To hand this on, make another account the primary one.
server = Server
server-missing = Type the server’s name.
port = Port
port-invalid = 1 to 65535
encryption = Encryption
choice-tls = TLS
choice-starttls = STARTTLS
choice-none = None
not-encrypted = Everybody on the way can read along, the password too.
no-sign-in = Sending needs no sign-in
password-keep = Leave empty to keep the present one.
sending-password-new = New sending password
sending-password-hint = Only if sending uses another one.
identities = Also sends as
identities-text = Other addresses that this account may write from.
identity-add = Add an address
identity-remove = Remove this address
unsaved = Not saved yet
not-saved = Nothing was saved.
will-check = Checked before it is saved.
revert = Discard
saving = Saving…
saved = Saved.
check-and-save = Check and save
save-unchecked = Save without checking

## Add

add-first-title = Welcome to Courrier
add-first-text = Add your first mail address. Courrier proves that it works before it saves.
add-title = Add a mail address
add-text = Courrier proves that receiving and sending work before it saves.
address-placeholder = name@example.org
address-exists = This address is already here. Saving updates it.
found-source = known settings of { $provider } · encrypted
found-existing = the settings it has now
provider-unknown = This provider is not among those Courrier knows. Its help pages name the servers.
app-password = App password
app-password-title = { $provider } wants an app password
app-password-text = Your own password does not work in mail programs. Make an app password on the provider’s page and paste it here.
app-password-and-imap-text = Switch IMAP on in the provider’s settings, make an app password there, and paste it here.
app-password-page = Make an app password
imap-off-title = { $provider } keeps receiving off at first
imap-off-text = Switch IMAP on in the provider’s settings once, then go on here.
oauth-title = { $provider } signs people in through the browser
oauth-text = Courrier will do that in a later version. If you have an app password for mail programs, it works today.
oauth-use-password = Use an app password
two-passwords = Sending uses another password
save-account = Save account
update-account = Update account
account-saved = { $address } works and is saved.
account-saved-unchecked = { $address } is saved, without a check.

## Settings

settings-appearance = Appearance
language = Language
language-system = As the system
theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
settings-secrets = Passwords
storage-keyring = Kept in the system’s keyring
storage-keyring-about = Courrier’s own files hold no password.
storage-file = Kept in an encrypted file
storage-file-about = Opened with your passphrase; without it nobody can read it.
storage-ready = Ready
storage-locked = Locked
storage-absent = Not there
storage-show = Show where secrets are kept
keyring-locked = The keyring is locked
file-locked = The encrypted file is locked
keyring-locked-text = Passwords can be seen and used once it is unlocked. Everything else works.
file-locked-text = Passwords can be seen and used once it is opened. Everything else works.
keyring-absent = This computer has no keyring
keyring-absent-text = Passwords can’t be kept or read. Install and start a keyring service, such as GNOME Keyring or KWallet, then look again. Or keep them in an encrypted file.
file-absent = The encrypted file is missing
file-absent-text = Passwords can’t be kept or read. Bring the file back to Courrier’s data folder, then look again. Or choose again where they are kept.
unlock = Unlock…
passphrase = Passphrase
passphrase-again = Passphrase, once more
passphrase-hint = At least { $shortest } characters. A few unrelated words are strong and easy to keep in mind.
passphrase-missing = Type the passphrase.
passphrase-short = This is too short: { $shortest } characters at least.
passphrase-differs = The two passphrases are not the same.
file-open = Open
file-opening = Opening…
file-choose = Keep passwords in an encrypted file…
file-text = Courrier asks for the passphrase once each time it starts. A lost passphrase can’t be recovered.
file-there = The file is there already; type the passphrase it was made with.
file-keep = Keep passwords in the file
file-kept = New passwords are kept in the encrypted file.
keyring-keep = Keep passwords in the system’s keyring instead
keyring-kept = New passwords are kept in the system’s keyring.
kept-before = Those stored before stay where they are.
clipboard-time = Clear the clipboard after
clipboard-time-about = Only if it still holds the password.
reveal-time = Hide a revealed password after
reveal-time-about = It is also hidden when the window is out of sight.
seconds =
    { $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    }
doctor = This computer
doctor-looking = Looking…
finding-keyring = Keyring
finding-database = Database
finding-clock = Clock
finding-proxy = Proxy
finding-network = Network
finding-server = Server
version = Courrier { $version }
