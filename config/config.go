// Package config reads the worker's configuration: one file, slipway.yaml, whose
// settings the environment (SLIPWAY_…) and flags may override, and the
// organization's policy, which only the file may set.
package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"slipway/release"
)

// Config is everything that a worker is told. How Temporal is reached is not part
// of it: that follows Temporal's own convention (TEMPORAL_ADDRESS, …).
type Config struct {
	// TaskQueue is polled by the worker and named by starter.
	TaskQueue string `json:"taskQueue"`
	// Zones are the task queues of environments that this worker serves, say from
	// inside a network zone; it serves nothing else then.
	Zones []string `json:"zones,omitempty"`
	// DML is the definitive media library: "oci-layout:FOLDER" or "REGISTRY/PREFIX".
	DML string `json:"dml"`
	// Registry says how its registry lets this worker in.
	Registry Registry `json:"registry,omitzero"`
	// CMS is the configuration management system: "sqlite:FILE", or the URL of a database
	// of PostgreSQL, "postgres://USER@HOST/DATABASE".
	CMS string `json:"cms"`
	// CMSPassword refers to that of the user of its database, "env:NAME" or "file:PATH" on
	// the worker.
	CMSPassword string `json:"cmsPassword,omitempty"`
	// Workspace is the folder for builds and tests.
	Workspace string `json:"workspace"`
	// SigningKey is the file of the SSH key by which this worker signs attestations;
	// it is made when it is missing.
	SigningKey string `json:"signingKey"`
	// HeldWorkflows is how many workflows are held in memory, ready for what comes next;
	// of one more, the one that waits longest is let go, and replayed when it is needed.
	HeldWorkflows int `json:"heldWorkflows,omitempty"`
	SSH           SSH `json:"ssh"`
	Log           Log `json:"log"`
	// Deployers say how outside deployers are talked to, by the addresses of targets.
	Deployers []Deployer `json:"deployers,omitempty"`
	// File is where the configuration was read from.
	File string `json:"-"`
	// Organization is the organization's policy, with the shipped models and what the
	// inventory files list.
	Organization release.Organization `json:"organization"`
	// files are those that all this was read from.
	files stamps
}

// Log says what is logged, to standard error.
type Log struct {
	// Level is debug, info, warn or error.
	Level string `json:"level"`
	// Format is console or json.
	Format string `json:"format"`
}

// settings are what the environment and flags may override, with defaults. Paths
// are relative to the file's folder.
var settings = map[string]string{
	"taskQueue":   release.DefaultTaskQueue,
	"dml":         "oci-layout:dml",
	"cms":         "sqlite:cms.db",
	"cmsPassword": "",
	"workspace":   "workspace",
	"signingKey":  "slipway.key",

	"heldWorkflows": "800",

	"log.level":  "info",
	"log.format": "console",

	"registry.username": "",
	"registry.password": "",
	"registry.ca":       "",

	"ssh.identity":   "agent",
	"ssh.passphrase": "",
	"ssh.knownHosts": "",
}

// Flags declares the flags that override settings.
func Flags(flags *pflag.FlagSet) {
	flags.String("config", "slipway.yaml", "configuration file")
	flags.String("task-queue", settings["taskQueue"], "task queue to poll")
	flags.StringSlice("zone", nil, "task queue of environments to serve, and nothing else; may be given several times")
	flags.String("log-level", settings["log.level"], "debug, info, warn or error")
	flags.String("log-format", settings["log.format"], "console or json")
}

// Load reads the configuration: the file that the flag "config" names, then the
// environment, then flags. What is wrong comes back as release.Problems with file
// and line.
func Load(flags *pflag.FlagSet) (Config, error) {
	file, err := flags.GetString("config")
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c, err := Read(file)
	if err != nil {
		return Config{}, err
	}
	return c, override(&c, file, flags)
}

// Read reads a configuration file, with the inventory files that it names and the
// shipped models, but without defaults, environment and flags. Paths are made absolute.
// What is wrong comes back as release.Problems with file and line.
func Read(file string) (Config, error) {
	c, err := read(file)
	if err != nil {
		return Config{}, err
	}
	return c, nil
}

// read gives beside an error the files that have to change before another try.
func read(file string) (Config, error) {
	c := Config{files: stamps{}}
	data, err := c.files.read(file)
	if err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	if problems := release.DecodeYAML(file, data, &c); len(problems) > 0 {
		return c, problems
	}
	if problems := mergeInventories(&c.Organization, &document{file, data}, c.files).problems(); len(problems) > 0 {
		return c, problems
	}
	problems := slices.Concat(checkDeployers(c.Deployers), c.Registry.Check(), checkReference("cmsPassword", c.CMSPassword))
	if len(problems) > 0 {
		return c, release.LocateProblems(file, data, problems)
	}
	models, err := Models()
	if err != nil {
		return c, err
	}
	c.Organization = c.Organization.WithModels(models)
	if c.File, err = filepath.Abs(file); err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	c.beside(filepath.Dir(c.File))
	return c, nil
}

// beside makes the paths absolute that are relative to the file's folder.
func (c *Config) beside(folder string) {
	for _, place := range []*string{&c.Workspace, &c.SigningKey} {
		if *place != "" {
			*place = below(folder, *place)
		}
	}
	if c.CMS != "" {
		c.CMS = recordsBelow(folder, c.CMS)
	}
	c.CMSPassword = passwordBelow(folder, c.CMSPassword)
	c.DML, c.Registry = libraryBelow(folder, c.DML), c.Registry.below(folder)
	deployersBelow(folder, c.Deployers)
	sourcesBelow(folder, c.Organization.Sources)
	c.SSH = c.SSH.below(folder)
}

// override lets the environment and flags have their say about the settings.
func override(c *Config, file string, flags *pflag.FlagSet) error {
	v := viper.New()
	v.SetConfigFile(file)
	v.SetEnvPrefix("SLIPWAY")
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	v.AutomaticEnv()
	for key, value := range settings {
		v.SetDefault(key, value)
	}
	err := errors.Join(
		v.BindEnv("taskQueue", "SLIPWAY_TASK_QUEUE"),
		v.BindEnv("signingKey", "SLIPWAY_SIGNING_KEY"),
		v.BindEnv("heldWorkflows", "SLIPWAY_HELD_WORKFLOWS"),
		v.BindEnv("cmsPassword", "SLIPWAY_CMS_PASSWORD"),
		v.BindEnv("ssh.knownHosts", "SLIPWAY_SSH_KNOWN_HOSTS"),
		v.BindPFlag("taskQueue", flags.Lookup("task-queue")),
		v.BindPFlag("zones", flags.Lookup("zone")),
		v.BindPFlag("log.level", flags.Lookup("log-level")),
		v.BindPFlag("log.format", flags.Lookup("log-format")),
		v.ReadInConfig(),
	)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	folder := filepath.Dir(c.File)
	c.TaskQueue = v.GetString("taskQueue")
	c.Zones = v.GetStringSlice("zones")
	if slices.Contains(c.Zones, c.TaskQueue) {
		return fmt.Errorf("configuration: zones: %q is the task queue of the workers that do everything: use the taskQueue of an environment", c.TaskQueue)
	}
	c.DML, c.CMS = libraryBelow(folder, v.GetString("dml")), recordsBelow(folder, v.GetString("cms"))
	c.CMSPassword = passwordBelow(folder, v.GetString("cmsPassword"))
	c.Registry = Registry{
		Username: v.GetString("registry.username"), Password: v.GetString("registry.password"), CA: v.GetString("registry.ca"),
	}.below(folder)
	if problems := append(c.Registry.Check(), checkReference("cmsPassword", c.CMSPassword)...); len(problems) > 0 {
		return fmt.Errorf("configuration: %w", problems)
	}
	c.Workspace = below(folder, v.GetString("workspace"))
	c.SigningKey = below(folder, v.GetString("signingKey"))
	if c.HeldWorkflows = v.GetInt("heldWorkflows"); c.HeldWorkflows < 1 {
		return fmt.Errorf("configuration: heldWorkflows: %q is not a number above 0", v.GetString("heldWorkflows"))
	}
	c.Log = Log{Level: v.GetString("log.level"), Format: v.GetString("log.format")}
	c.SSH = SSH{
		Identity: v.GetString("ssh.identity"), Passphrase: v.GetString("ssh.passphrase"), KnownHosts: v.GetString("ssh.knownHosts"),
	}.below(folder)
	return c.SSH.check()
}

// libraryBelow makes the folder of a media library absolute; a registry has none.
func libraryBelow(folder, spec string) string {
	if strings.HasPrefix(spec, "oci-layout:") {
		return below(folder, spec)
	}
	return spec
}

// below makes a path absolute, also behind a scheme such as "sqlite:".
func below(folder, spec string) string {
	scheme, path, found := strings.Cut(spec, ":")
	if !found {
		scheme, path = "", spec
	} else {
		scheme += ":"
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	return scheme + path
}
