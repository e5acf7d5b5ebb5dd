package cms

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"slipway/release"
)

// Catalogue gives the services that run, by name, each with the environments in which
// it does: of one service with all that is known of it, or, when none is named, of all
// of them without documents, assets and components.
func (s *Store) Catalogue(ctx context.Context, service string) (release.Catalogue, error) {
	found := release.Catalogue{Services: []release.CatalogueService{}}
	err := s.view(ctx, func(tx *sql.Tx) error {
		places, err := readPlaces(ctx, tx, service)
		if err != nil {
			return err
		}
		for _, p := range places {
			if err := readInto(ctx, tx, &found, p, service != ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return found, fmt.Errorf("cms: service catalogue: %w", err)
	}
	return found, nil
}

// Service gives what is known of a service in an environment under a release and its
// package; nil when nothing was recorded.
func (s *Store) Service(ctx context.Context, environment, releaseID string, pkg release.Digest) (*release.ServiceEntry, error) {
	var entry *release.ServiceEntry
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		entry, err = readService(ctx, tx, serviceID{releaseID, environment, pkg})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cms: %s in %s: %w", releaseID, environment, err)
	}
	return entry, nil
}

// inPlace is a service in an environment, in which something of it ran once.
type inPlace struct{ service, environment string }

func readPlaces(ctx context.Context, tx *sql.Tx, service string) ([]inPlace, error) {
	const all = `
		SELECT DISTINCT service, environment FROM baseline_changes
		WHERE $1 = '' OR service = $1 ORDER BY service, environment`
	return query(ctx, tx, func(rows *sql.Rows) (p inPlace, err error) {
		err = rows.Scan(&p.service, &p.environment)
		return p, err
	}, all, service)
}

// readInto puts what runs in a place into the catalogue; services come one after the
// other.
func readInto(ctx context.Context, tx *sql.Tx, c *release.Catalogue, p inPlace, whole bool) error {
	b, err := readBaseline(ctx, tx, p.environment, p.service)
	if b == nil || err != nil {
		return err
	}
	entry, err := readService(ctx, tx, serviceID{b.Release, b.Environment, b.Package.Digest})
	if err != nil {
		return err
	}
	in := release.CatalogueEnvironment{
		Name: b.Environment, Release: b.Release, Version: b.Version, Package: b.Package.Digest, Since: b.Since, Others: b.Others,
	}
	if entry != nil {
		in.Targets, in.KnownErrors = entry.Targets, entry.KnownErrors
	}
	if entry != nil && whole {
		in.Documents, in.Assets = entry.Documents, entry.Assets
	}
	if whole {
		if in.Build, in.Components, err = readComponents(ctx, tx, p); err != nil {
			return err
		}
	}
	if n := len(c.Services); n == 0 || c.Services[n-1].Service != p.service {
		c.Services = append(c.Services, release.CatalogueService{Service: p.service})
	}
	c.Services[len(c.Services)-1].Add(in, entry)
	return nil
}

func readComponents(ctx context.Context, tx *sql.Tx, p inPlace) (build int, components []release.Acquired, err error) {
	const running = `
		SELECT build, component, source, sum, coalesce(master, ''), kept, coalesce(signed_by, '')
		FROM running_components WHERE environment = $1 AND service = $2 ORDER BY position`
	components, err = query(ctx, tx, func(rows *sql.Rows) (a release.Acquired, err error) {
		err = rows.Scan(&build, &a.Component, &a.Source, &a.Sum, &a.Master, &a.Kept, &a.SignedBy)
		return a, err
	}, running, p.environment, p.service)
	return build, components, err
}

// serviceID tells a row of services.
type serviceID struct {
	release, environment string
	pkg                  release.Digest
}

func readService(ctx context.Context, tx *sql.Tx, id serviceID) (*release.ServiceEntry, error) {
	const (
		which = ` WHERE release = $1 AND environment = $2 AND package = $3`
		entry = `
			SELECT service, coalesce(title, ''), coalesce(description, ''), requester, manager, targets FROM services` + which
		knownErrors = `SELECT known_error, summary, coalesce(workaround, '') FROM service_known_errors` + which + ` ORDER BY position`
		documents   = `SELECT name, coalesce(readers, ''), coalesce(location, '') FROM service_documents` + which + ` ORDER BY position`
		assets      = `SELECT asset, coalesce(kind, ''), set_by FROM service_assets` + which + ` ORDER BY position`
	)
	args := []any{id.release, id.environment, string(id.pkg)}
	s := release.ServiceEntry{Environment: id.environment, Package: id.pkg}
	err := tx.QueryRowContext(ctx, entry, args...).Scan(&s.Service, &s.Title, &s.Description, &s.Requester, &s.Manager, &s.Targets)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if s.KnownErrors, err = query(ctx, tx, func(rows *sql.Rows) (k release.KnownError, err error) {
		err = rows.Scan(&k.ID, &k.Summary, &k.Workaround)
		return k, err
	}, knownErrors, args...); err != nil {
		return nil, err
	}
	if s.Documents, err = query(ctx, tx, func(rows *sql.Rows) (d release.Document, err error) {
		err = rows.Scan(&d.Name, &d.For, &d.Location)
		return d, err
	}, documents, args...); err != nil {
		return nil, err
	}
	s.Assets, err = query(ctx, tx, func(rows *sql.Rows) (a release.AssetInService, err error) {
		err = rows.Scan(&a.Name, &a.Kind, &a.Release)
		return a, err
	}, assets, args...)
	return &s, err
}
