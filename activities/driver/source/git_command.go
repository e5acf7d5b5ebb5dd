package source

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// git is a git command that neither asks nor obeys anybody: no configuration but
// what is said here, no hooks, no helpers, no login but that of the place, and no other
// transport than the one of its repository.
type git struct {
	login
	binary string
	// url is the repository, and allowed the transports by which it may be reached.
	url     string
	allowed string
	// folder is where the command runs, and the repository that it fills with files of
	// at most so many bytes.
	folder string
	most   int64
}

// passedOn are the variables of the worker that git may see: how to reach a
// network, whom to trust there, and the agent that holds keys for ssh.
var passedOn = []string{
	"PATH", "SSH_AUTH_SOCK", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
	"http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "all_proxy",
}

// settings are all the configuration there is. A server that sends nothing for a
// minute is given up.
var settings = []string{
	"core.hooksPath=/dev/null", "core.fsmonitor=false", "credential.helper=", "gc.auto=0", "maintenance.auto=false",
	"protocol.version=2", "http.lowSpeedLimit=1", "http.lowSpeedTime=60",
}

// newGit gives git for a repository, to be run in a folder.
func (v visit) newGit(repository, folder string) (git, error) {
	g := git{login: v.login, url: repository, folder: folder, allowed: "file", most: v.MaxBytes}
	var err error
	if g.binary, err = exec.LookPath(v.Git); err != nil {
		return g, fmt.Errorf("run the git command: %w", err)
	}
	if !strings.Contains(repository, "://") {
		if !filepath.IsAbs(repository) {
			return g, fmt.Errorf("%w: git %q is neither a URL nor an absolute path", ErrUnfit, repository)
		}
		return g, nil
	}
	at, err := url.Parse(repository)
	if err != nil {
		return g, fmt.Errorf("%w: git %q is not a URL", ErrUnfit, repository)
	}
	switch at.Scheme {
	case "https", "ssh", "file":
	case "http":
		if !thisMachine(at.Hostname()) {
			return g, fmt.Errorf("%w: git %s: http is for this machine only; use https", ErrUnfit, at.Redacted())
		}
	default:
		return g, fmt.Errorf("%w: git %s: use https, ssh or a folder", ErrUnfit, at.Redacted())
	}
	g.allowed = at.Scheme
	return g, nil
}

// bounded runs a command that may write no file of more than so many blocks of 512
// bytes: git has no such setting for what it fetches.
const bounded = `ulimit -f "$0" && exec "$@"`

// command gives a git command with these arguments.
func (g git) command(ctx context.Context, args ...string) *exec.Cmd {
	all := []string{"-c", bounded, strconv.FormatInt(g.most/512+1, 10), g.binary}
	for _, setting := range settings {
		all = append(all, "-c", setting)
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", append(all, args...)...)
	cmd.Dir = g.folder
	cmd.Env = []string{
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1", "GIT_NO_REPLACE_OBJECTS=1",
		"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=/bin/false", "SSH_ASKPASS=/bin/false",
		"GIT_ALLOW_PROTOCOL=" + g.allowed,
		"GIT_SSH_COMMAND=ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oConnectTimeout=30 -oServerAliveInterval=15",
		"GIT_CEILING_DIRECTORIES=" + filepath.Dir(g.folder),
		// Neither .netrc nor anything else of the worker's own.
		"HOME=" + g.folder, "LC_ALL=C",
	}
	for _, name := range passedOn {
		if value, set := os.LookupEnv(name); set {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Env = append(cmd.Env, g.identify()...)
	return cmd
}

// identify gives the variables by which git says who asks for its repository. It follows
// no redirect then: it would say so wherever that leads.
func (g git) identify() []string {
	header := g.authorization()
	if header == "" {
		return nil
	}
	config := [][2]string{{"http.followRedirects", "false"}, {"http." + g.url + ".extraHeader", "Authorization: " + header}}
	if g.allowed == "http" {
		config = append(config, [2]string{"http.proxy", ""}) // which would hear it in the clear
	}
	variables := []string{fmt.Sprint("GIT_CONFIG_COUNT=", len(config))}
	for i, c := range config {
		variables = append(variables, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, c[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, c[1]))
	}
	return variables
}

// run runs git and gives its output. What it says when it fails tells the kind of
// the error.
func (g git) run(ctx context.Context, args ...string) (string, error) {
	stdout, said, err := run(ctx, g.command(ctx, args...))
	return stdout, g.fault(ctx, said, err)
}

// Words of git, and of servers that it quotes.
var (
	noRepository = regexp.MustCompile(`(?i)not found|does not exist|does not appear to be a git repository|error: 4(04|10)|no such (file|device|path)|couldn't find remote ref|not our ref`)
	tooBig       = regexp.MustCompile(`(?i)signal 25|file too large|file size limit exceeded`)
	sentOn       = regexp.MustCompile(`error: 30[12378]`)
	notLetIn     = regexp.MustCompile(`(?i)could not read (username|password)|authentication failed|permission denied|host key verification failed|error: 40[13]|dubious ownership`)
)

// fault gives the error of a git command that ended so.
func (g git) fault(ctx context.Context, said string, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		return fmt.Errorf("run the git command: %w", err)
	}
	kind := ErrUnavailable
	switch {
	case g.password != "" && sentOn.MatchString(said):
		kind = fmt.Errorf("%w: it is elsewhere, and a password is not sent on: name the repository where it is", ErrUnfit)
	case strings.HasPrefix(g.allowed, "http") && notLetIn.MatchString(said):
		kind = fmt.Errorf("%w: the repository does not let this worker in; %s", ErrUnfit, g.advice())
	case tooBig.MatchString(said):
		kind = fmt.Errorf("%w: it has more than %d bytes", ErrUnfit, g.most)
	case notLetIn.MatchString(said):
		kind = fmt.Errorf("%w: the repository does not let this worker in", ErrUnfit)
	case noRepository.MatchString(said):
		kind = ErrMissing
	}
	return fmt.Errorf("%w: %s", kind, quoted(g.mask(said)))
}
