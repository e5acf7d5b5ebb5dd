package notify

import (
	"errors"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/email/smtp"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/specialized/generic"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// dialTimeout is how long connecting to a mail server may take when the URL does
// not say; the library would allow no time at all.
const dialTimeout = 30 * time.Second

// titled are the services that show a title. The others get it as the first line
// of the text.
var titled = []string{
	"bark", "discord", "generic", "gotify", "join", "lark", "ntfy", "opsgenie",
	"pushbullet", "pushover", "slack", "smtp", "teams", "telegram",
}

// services are those that reach somebody; the library's logger does not.
func services() []string {
	all := (&router.ServiceRouter{}).ListServices()
	slices.Sort(all)
	return slices.DeleteFunc(all, func(name string) bool { return name == "logger" })
}

// known tells whether a URL of this scheme names a service, as "generic+https" does.
func known(scheme string) bool {
	name, _, _ := strings.Cut(scheme, "+")
	return slices.Contains(services(), name)
}

// use does something with the service of a URL, which it gives as the service wants
// it, and keeps the URL's secrets out of the error. A service that panics, as some
// do on odd URLs and answers, has failed and does not end the worker.
func use(address string, do func(types.Service, *url.URL) error) (err error) {
	name, u, err := parse(address)
	if err != nil {
		return err
	}
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("service %s broke down: %v", name, fault)
		}
		if err != nil {
			err = errors.New(redact(err.Error(), address))
		}
	}()
	service, err := (&router.ServiceRouter{}).NewService(name)
	if err != nil {
		return err
	}
	if u.Scheme != name { // "generic+https" holds a URL of another kind
		custom, ok := service.(types.CustomURLService)
		if !ok {
			return fmt.Errorf("%w: write %s and no +", router.ErrCustomURLsNotSupported, name)
		}
		if u, err = custom.GetConfigURLFromCustom(u); err != nil {
			return err
		}
	}
	return do(service, u)
}

// parse gives the name of the service of a URL. Its errors hold no secret.
func parse(address string) (name string, u *url.URL, err error) {
	if len(address) > maxContact {
		return "", nil, fmt.Errorf("it is longer than %d bytes", maxContact)
	}
	u, err = url.Parse(address)
	if err != nil { // which may quote a password
		return "", nil, errors.New("it is not a URL; in a password, write special characters as in %2F")
	}
	if u.Scheme == "" || u.Host == "" {
		return "", nil, errors.New("it is neither a URL with a host, nor env:NAME or file:PATH")
	}
	if !known(u.Scheme) {
		return "", nil, fmt.Errorf("unknown service %q: expected one of %s", u.Scheme, strings.Join(services(), ", "))
	}
	name, _, _ = strings.Cut(u.Scheme, "+")
	return name, u, nil
}

// checkURL says what is wrong with a URL, without connecting to anything.
func checkURL(address string) error {
	return use(address, func(service types.Service, u *url.URL) error {
		if _, is := service.(*matrix.Service); is {
			return (&matrix.Config{}).SetURL(u) // Initialize would log in
		}
		return service.Initialize(u, nil)
	})
}

// send hands the message to a service, for as long as that takes.
func (m Message) send(service types.Service, u *url.URL) error {
	if err := service.Initialize(u, nil); err != nil {
		return err
	}
	subject, text, params := m.subject(), m.text(), types.Params{}
	switch s := service.(type) {
	case *smtp.Service:
		if s.Config.Timeout == 0 {
			s.Config.Timeout = dialTimeout
		}
		s.Config.UseHTML = false // it would take the text for HTML
		subject = mime.BEncoding.Encode("utf-8", subject)
	case *generic.Service:
		if s.Config.Template == "" {
			s.Config.Template = generic.JSONTemplate // else the title would be lost
		}
	}
	switch {
	case subject == "":
	case slices.Contains(titled, service.GetID()):
		params.SetTitle(subject)
	default:
		text = strings.TrimSpace(subject + "\n\n" + text)
	}
	err := service.Send(text, &params)
	if err != nil && strings.HasPrefix(err.Error(), notQuit) {
		return nil
	}
	return err
}

// notQuit begins the error of a mail that every recipient got, from a server that
// was then in a hurry to hang up. Sending it again would be a nuisance.
const notQuit = "failed to send to some recipients: error closing session"
