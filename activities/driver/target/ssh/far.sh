# What the driver of ssh targets does on a target, by a POSIX shell. The worker sends
# this first, then one line for each thing to do: answer TOKEN FUNCTION ARGUMENT...
# Arguments come over standard input, so that the list of processes does not show them.

nl='
'
# outputs is how many bytes the outputs of a script may have, and one that shows that
# there are more.
outputs=4097
umask=$(umask)

# answer TOKEN COMMAND [ARGUMENT]... prints what the command prints, and then the token,
# its exit status and what it said on standard error. The command runs in a shell of its
# own.
answer() {
	token=$1
	shift
	{ said=$(exec 2>&1 >&3 3>&- </dev/null; "$@"); status=$?; } 3>&1
	printf '%s %s ' "$token" "$status"
	[ -z "$said" ] || printf '%s' "$said" | tail -c 2000 | tr '\n\r' '  '
	echo
}

# missing prints what the machine lacks.
missing() {
	for tool in tar sha256sum flock setsid find sort tail tr cut readlink date df wc head id; do
		command -v "$tool" >/dev/null || echo "$tool"
	done
}

# usable FOLDER
usable() {
	[ -e "$1" ] || { echo "folder $1 does not exist on this machine" >&2; return 1; }
	[ -d "$1" ] || { echo "$1 is not a folder" >&2; return 1; }
	[ -x "$1" ] || { echo "folder $1 may not be entered by $(id -un)" >&2; return 1; }
}

# lockable FOLDER makes its folder releases and the lock file in it.
lockable() {
	usable "$1" || return
	umask 022
	# Another operation may make it at the same time.
	[ -d "$1/releases" ] || said=$(mkdir "$1/releases" 2>&1) || [ -d "$1/releases" ] || { echo "$said" >&2; return 1; }
	( : >>"$1/releases/.lock" ) && [ -w "$1" ] || { echo "folder $1 cannot be written by $(id -un)" >&2; return 1; }
}

# current FOLDER prints where the link current points; nothing when there is none.
current() {
	if [ -L "$1/current" ]; then
		readlink "$1/current"
	elif [ -e "$1/current" ]; then
		echo '"current" is not a link' >&2
		return 1
	fi
}

# text FILE prints what is in the file; nothing when there is none.
text() { [ ! -e "$1" ] || cat "$1"; }

# texts FOLDER SUFFIX prints each file of that kind: its name, its text, and a byte
# 036. Markers are left out that have no folder beside them.
texts() {
	for file in "$1/releases/"*"$2"; do
		[ "$2" != .json ] || [ -d "${file%.json}" ] || continue
		[ ! -f "$file" ] || { printf '%s\n' "${file##*/}"; cat "$file"; printf '\036'; }
	done
}

# untouched FOLDER NAME tells whether nothing of a release is there, nor on its way.
untouched() {
	for file in "$1/releases/"*"$2"* "$1/releases/".*"$2"*; do
		[ ! -e "$file" ] && [ ! -L "$file" ] || return 1
	done
}

# manifest FOLDER prints a line for everything below it; the same lines stand for the
# same content. Lines that begin with ! or ? are never those of a package.
manifest() {
	[ -d "$1" ] && [ ! -L "$1" ] && cd "$1" || { echo '! there is no such folder'; return; }
	{
		find . -name "*$nl*" -exec echo '! a name of two lines' \;
		find . -name '*\\*' -exec echo '! a name with a backslash' \;
		find . ! -type d ! -type f ! -type l -exec printf '? %s\n' {} +
		find . -type f \( -perm -4000 -o -perm -2000 \) -exec printf '? setuid or setgid: %s\n' {} +
		find . -type d -exec printf 'folder %s\n' {} +
		find . -type f -perm -100 -exec printf 'executable %s\n' {} +
		find . -type l -exec sh -c 'for link; do
			printf "link %s// " "$link"
			readlink "$link" | tr "\n" "\036"
			echo
		done' sh {} +
		find . -type f -exec sha256sum {} + || echo '! a file that cannot be read'
	} | LC_ALL=C sort
}

# sweep FOLDER KEEP removes what died unfinished, but for one file. The lock says
# that nothing else is alive.
sweep() {
	rm -f "$1/.current.next"
	for file in "$1/releases/.transfer-"* "$1/releases/.write-"*; do
		[ "$file" = "$2" ] || rm -rf "$file" || return
	done
}

size() { [ ! -f "$1" ] && echo 0 || wc -c <"$1"; }

# room FOLDER prints how many kilobytes are free there.
room() { df -Pk "$1" | { read -r _; read -r _ _ _ free _; echo "$free"; }; }

# sum FILE SHA256
sum() { [ "$(sha256sum <"$1" | cut -c1-64)" = "$2" ]; }

# unpack TAR TEMP makes a folder that holds what is in the tar under content.
unpack() {
	umask 022
	rm -rf "$2" && mkdir "$2" "$2/content" && tar -xmof "$1" -C "$2/content"
}

# flush FILE, or the names in a folder, to the disk.
flush() { sync "$1" 2>/dev/null || sync; }

# write FILE TEXT puts the file there in one move.
write() {
	umask 022
	temp=${1%/*}/.write-$$
	printf '%s\n' "$2" >"$temp" && flush "$temp" && mv -f "$temp" "$1" && flush "$1" || { rm -f "$temp"; return 1; }
}

# settle TEMP CONTENT gives what arrived its place.
settle() {
	sync -f "$1" 2>/dev/null || sync
	if [ -e "$2" ] || [ -L "$2" ]; then
		mv "$2" "$1/broken" || return
	fi
	mv "$1/content" "$2" && flush "$2" && rm -rf "$1"
}

# discard RELEASES NAME removes a release and what was written down about it. It is
# renamed first: what is half removed must not look like a release.
discard() {
	gone=$1/.transfer-$2
	if [ -e "$1/$2" ] || [ -L "$1/$2" ]; then
		mv "$1/$2" "$gone" && rm -rf "$gone" || return
	fi
	rm -f "$1/$2.json" "$1/$2.previous" && flush "$1"
}

# aim FOLDER LINK makes the link that will be renamed to current.
aim() { rm -f "$1/.current.next" && ln -s "$2" "$1/.current.next"; }

# bare FOLDER leaves it without anything current.
bare() { rm -f "$1/current" && flush "$1"; }

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# begin FOLDER HALT MARK SECONDS SCRIPT NAME [VARIABLE=VALUE]... -- [SECRET]... starts
# the script of an attempt, whose mark begins with these fields, unless the file HALT
# is in its folder. It goes on when the
# connection is cut; it has the target's lock, and that of its attempt, until it ended.
# Secrets are masked in its outputs.
begin() {
	attempt=$1 halt=$1/$2 mark=$3 seconds=$4 script=$5 name=$6
	shift 6
	umask 022
	mkdir -p "$attempt" && chmod 700 "$attempt" || return
	exec 8>>"$attempt/lock"
	flock 8
	rm -rf "$attempt/work" "$attempt/late" "$attempt/group" &&
		mkdir "$attempt/work" && : >"$attempt/output" && (umask 077 && : >"$attempt/log") || return
	begun=$(now)
	write "$attempt/mark.json" "$mark,\"begun\":\"$begun\",\"exit\":0}" || return
	( exec >/dev/null 2>&1; supervise "$@" ) &
}

supervise() {
	setsid /bin/sh -c 'sleep "$2"; : >"$1/late"; group=$(cat "$1/group")
		kill -s TERM -- "-$group"; sleep 3; kill -s KILL -- "-$group"
	' timer "$attempt" "$seconds" 8>&- 9>&- &
	timer=$!
	(
		while [ "$1" != -- ]; do
			export "$1"
			shift
		done
		umask "$umask"
		cd "$attempt/work" && exec setsid /bin/sh -eu -c "$script" "$name" 8>&- 9>&-
	) >>"$attempt/log" 2>&1 &
	group=$!
	echo "$group" >"$attempt/group"
	[ ! -e "$halt" ] || kill -s KILL -- "-$group" || kill -s KILL "$group"
	wait "$group"
	status=$?
	{ kill -s KILL -- "-$timer" || kill -s KILL "$timer"; kill -s KILL -- "-$group"; } 2>/dev/null
	problem=
	[ "$status" = 0 ] || problem="exit status $status"
	[ ! -e "$attempt/late" ] || problem="timed out after $seconds s"
	mask "$@" && [ ! -e "$halt" ] &&
		write "$attempt/mark.json" "$mark,\"begun\":\"$begun\",\"ended\":\"$(now)\",\"exit\":$status,\"problem\":\"$problem\"}"
	rm -rf "$attempt/work"
}

# mask [VARIABLE=VALUE]... -- [SECRET]... masks secrets in what the script left behind.
mask() {
	while [ "$1" != -- ]; do
		shift
	done
	shift
	text=$(head -c "$outputs" "$attempt/output")
	for secret; do
		masked=
		while :; do
			case $text in
			*"$secret"*) ;;
			*) break ;;
			esac
			masked=$masked${text%%"$secret"*}'***'
			text=${text#*"$secret"}
		done
		text=$masked$text
	done
	printf '%s\n' "$text" >"$attempt/output"
}

# follow FOLDER prints what the script of an attempt prints, until it ended; what it
# printed last may be missing. rest FOLDER BYTES prints what comes after so many.
follow() {
	tail -c +1 -f "$1/log" 9>&- &
	flock "$1/lock" true
	kill "$!"
	wait "$!" || :
}
rest() { tail -c +"$(($2 + 1))" "$1/log" && rm -f "$1/log"; }

# halt FOLDER HALT ends the script of an attempt and everything that it started.
# It leaves no end in the mark, for nobody can tell what it did.
halt() {
	mkdir -p "$1" && : >"$1/$2" || return
	[ -e "$1/group" ] && group=$(cat "$1/group") && kill -s TERM -- "-$group" || return 0
	rm -f "$1/log"
	for _ in 1 2 3; do
		sleep 1
		kill -s 0 -- "-$group" 2>/dev/null || return 0
	done
	kill -s KILL -- "-$group" 2>/dev/null || :
}

# mark FOLDER prints the mark of an attempt, a byte 036, its outputs, and a byte 036 with "running" behind it while it runs.
mark() {
	[ -e "$1/mark.json" ] || return 0
	state=
	(flock -n 8 || exit 1) 8>>"$1/lock" || state=running
	cat "$1/mark.json" && printf '\036' && head -c "$outputs" "$1/output" && printf '\036%s' "$state"
}

# prune FOLDER removes what attempts left a month ago.
prune() {
	[ ! -d "$1" ] || find "$1/." ! -name . -prune -type d -mtime +30 -exec rm -rf {} +
}
