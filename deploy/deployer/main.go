// Command deployer is a small outside deployer, and the example of docs/deployer.md:
// it acts for the folders below one folder, each a target by its name, and pulls
// packages from the DML itself.
//
//	deployer -targets DIR -dml oci-layout:DIR|REGISTRY/PREFIX [-listen HOST:PORT] [-token env:NAME] [-cert FILE -key FILE]
//
// The address of every target is http(s)://HOST:PORT.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/shell"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/local"
	"slipway/deploy/deployer/server"
)

type options struct {
	targets, dml, listen, token, cert, key string
	registry                               dml.Access
}

func main() {
	var o options
	flag.StringVar(&o.targets, "targets", "", "folder whose folders are the targets")
	flag.StringVar(&o.dml, "dml", "", "definitive media library, oci-layout:FOLDER or REGISTRY/PREFIX")
	flag.StringVar(&o.registry.Username, "registry-username", "", "who the registry lets in")
	flag.StringVar(&o.registry.Password, "registry-password", "", "password of that user, env:NAME or file:PATH")
	flag.StringVar(&o.registry.CA, "registry-ca", "", "certificates that vouch for the registry, in PEM")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8444", "address to listen on")
	flag.StringVar(&o.token, "token", "", "bearer token that is asked for, env:NAME or file:PATH; none asks for none")
	flag.StringVar(&o.cert, "cert", "", "certificate for https, in PEM")
	flag.StringVar(&o.key, "key", "", "key of the certificate, in PEM")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, o); err != nil {
		slog.Error(err.Error())
		os.Exit(1) //nolint:gocritic // the process ends, and the signals with it
	}
}

// run serves until it is told to stop.
func run(ctx context.Context, o options) (err error) {
	if o.targets == "" || o.dml == "" || (o.cert == "") != (o.key == "") {
		return errors.New("usage: deployer -targets DIR -dml oci-layout:DIR|REGISTRY/PREFIX [-listen HOST:PORT] [-token env:NAME] [-cert FILE -key FILE]")
	}
	token := ""
	if o.token != "" {
		if token, err = shell.Secret(o.token); err != nil {
			return err
		}
	}
	library, err := dml.OpenReadOnly(o.dml, o.registry)
	if err != nil {
		return err
	}
	packages, err := target.NewCache(ctx, filepath.Join(o.targets, ".packages"), library.Pull)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, packages.Close()) }()
	acting, err := server.New(o.targets, token, local.New(packages, filepath.Join(o.targets, ".state")))
	if err != nil {
		return err
	}
	defer acting.Close()
	return serve(ctx, o, acting)
}

func serve(ctx context.Context, o options, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	s := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	slog.Info("deployer is ready", "address", listener.Addr().String(), "targets", o.targets)
	if o.cert != "" {
		err = s.ServeTLS(listener, o.cert, o.key)
	} else {
		err = s.Serve(listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", o.listen, err)
	}
	return nil
}
