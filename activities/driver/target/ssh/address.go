package ssh

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"strings"

	"slipway/activities/driver/target"
)

// address is where a target is: ssh://USER@HOST:PORT/FOLDER.
type address struct{ user, host, port, folder string }

// parse reads the address of a target; the port is 22 when it names none. The error
// is target.ErrUnusable.
func parse(text string) (address, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "ssh" || u.Hostname() == "" || u.User.Username() == "" || strings.Trim(u.Path, "/") == "" {
		return address{}, fmt.Errorf("%w: %q is not ssh://USER@HOST:PORT/FOLDER", target.ErrUnusable, text)
	}
	a := address{user: u.User.Username(), host: u.Hostname(), port: u.Port(), folder: path.Clean(u.Path)}
	if a.port == "" {
		a.port = "22"
	}
	return a, nil
}

// machine is what a connection leads to, whatever folders are there.
func (a address) machine() string { return a.user + "@" + a.server() }

func (a address) server() string { return net.JoinHostPort(a.host, a.port) }

func (a address) String() string { return "ssh://" + a.machine() + a.folder }
