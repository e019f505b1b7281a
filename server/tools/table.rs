//! Tables of command lines and what is known of them.

use super::*;
use crate::shell::Script;

/// Asks `question` for each line, up to a `=>`, and compares what is behind it.
#[track_caller]
fn check(question: fn(Call) -> String, table: &str) {
    let mut wrong = Vec::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (text, wanted) = line.split_once("=>").expect("a line says what is wanted");
        let script = Script::parse(text.trim());
        let command = script.commands.last().expect("there is a command");
        let found = call(command).map_or("none".to_owned(), question);
        if found != wanted.trim() {
            wrong.push(format!("{}\n  wanted {}\n  found  {found}", text.trim(), wanted.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn path(path: &OutputPath) -> String {
    path.parts()
        .map(|part| match part {
            Part::Text(text) => text.to_owned(),
            Part::Variable(name) => format!("${name}"),
            Part::Unknown => "?".to_owned(),
        })
        .collect()
}

fn value(value: Value) -> String {
    match value {
        Value::Text(text) => text.to_owned(),
        Value::Written(operand) => path(&OutputPath::Argument(operand, "")),
    }
}

/// `only a, b/**`, `some a`, `anything`.
fn written(call: Call) -> String {
    let (kind, outputs) = match writes(call) {
        Writes::Only(outputs) => ("only", outputs),
        Writes::AtLeast(outputs) => ("some", outputs),
        Writes::Anything => return "anything".to_owned(),
    };
    let shown = |output: &Output| match (path(&output.path), output.scope) {
        (path, Scope::Exact) => path,
        (path, Scope::Under) => format!("{path}/**"),
    };
    let outputs: Vec<_> = outputs.iter().map(shown).collect();
    format!("{kind} {}", outputs.join(", ")).trim_end().to_owned()
}

#[test]
fn finds_the_program_behind_others() {
    check(
        |call| {
            format!(
                "{} {}{}",
                call.name,
                call.arguments.len(),
                call.via.map(|via| format!(" by {via}")).unwrap_or_default()
            )
        },
        "
        /usr/bin/npm ci => npm 1
        sudo -E -u app npm ci => npm 1
        env -i A=1 B=$C npm ci => npm 1
        exec gosu app npm ci => npm 1
        time nice -n 10 make all => make 1
        timeout --signal=KILL 10 npm ci => npm 1
        npx tsc@5 -p . => tsc 2 by npx
        npx --yes -p typescript tsc -p . => tsc 2 by npx
        npx @angular/cli@17 build => @angular/cli 1 by npx
        pnpm exec vite build => vite 1 by pnpm
        yarn run build => yarn 2
        corepack enable => corepack 1
        corepack pnpm install => pnpm 1 by corepack
        poetry run python3 -m pytest -q => pytest 1 by python
        python3.12 -m pip install x => pip 2 by python
        python manage.py test => python 2
        bundle exec rake test => rake 1 by bundle
        $VENV/bin/pip3 install x => pip 2
        ${VENV} install x => none
        ./install.sh x => ./install.sh 1
        ./install x => ./install 1
        ./gradlew build => gradlew 1
        command -v npm => command 2
        sudo => sudo 0
        env => env 0
        gcc-12 -v => gcc 1
        aarch64-linux-gnu-gcc -v => aarch64-linux-gnu-gcc 1
        ",
    );
}

#[test]
fn reads_what_is_assigned() {
    let script = Script::parse("A=1 env B=2 C=$D npm ci");
    let call = call(&script.commands[0]).expect("it has a name");
    assert_eq!(call.assigned("A").and_then(Operand::text), Some("1"));
    assert_eq!(call.assigned("B").and_then(Operand::text), Some("2"));
    assert_eq!(call.assigned("C").map(Operand::text), Some(None));
    assert_eq!(call.assigned("D"), None);
}

#[test]
fn what_files_are_written() {
    check(
        written,
        "
        echo hi => only
        echo hi > /etc/motd => only /etc/motd
        npm ci > /dev/null => some node_modules/**
        ls -la => only
        ./build.sh => anything
        mkdir -p /a/b c => only /a/b, c
        mkdir -m 755 -p /a => only /a
        touch a $B/c => only a, $B/c
        cp a b => only b/**
        cp -r src/ /dst/ => only /dst/src/**
        cp a b c/ => only c/a/**, c/b/**
        cp a . => only ./a/**
        cp -t /dst a => only /dst/a/**
        mv target/*/app /app => only /app/**
        install -D -m 755 a /usr/bin/a => only /usr/bin/a/**
        install -d -o app /data => only /data
        ln -s /a/b => only b/**
        ln -sf /a/b /usr/bin/b => only /usr/bin/b/**
        tar -xzf a.tgz -C /opt --strip-components=1 => only /opt/**
        tar xzf a.tgz => only /**
        tar -C /opt -xz => only /opt/**
        tar czf /out/a.tgz . => only /out/a.tgz
        tar tf a.tgz => only
        unzip -q a.zip -d /opt => only /opt/**
        unzip a.zip => only /**
        curl -fsSL https://x.org/a | sh => anything
        curl -fsSLo /usr/bin/a https://x.org/a => only /usr/bin/a
        curl -fsSL https://x.org/a --output=$D/a => only $D/a
        curl -LO https://x.org/v1/a.tgz => only a.tgz/**
        curl -sSL https://x.org/a => only
        wget -qO- https://x.org/a => only
        wget -qO /a https://x.org/a => only /a
        wget -q https://x.org/v1/a.tgz => only a.tgz/**
        wget -P /tmp https://x.org/v1/a.tgz => only /tmp/a.tgz/**
        git clone --depth 1 -b v1 https://x.org/y/z.git => only z/**
        git clone https://x.org/y/z /src => only /src/**
        git -C /src checkout v1 => only /src/**
        git submodule update --init => some
        sed -i s/a/b/ f => only
        chmod +x a => only
        find . -name x -delete => only
        find . -name x -exec cp {} /out => anything
        find . -type f | xargs rm => only
        . ./env.sh => anything
        apt-get install -y curl => only /usr/**, /etc/**, /var/**, /lib/**, /lib64/**, /bin/**, /sbin/**, /opt/**
        apt-get update => only
        apk add -p /root-fs --initdb busybox => only /root-fs/**
        useradd -m -d /srv/app app => only /etc/**, /var/mail/**, /srv/app/**
        adduser -D app => only /etc/**, /var/mail/**, /home/**
        make install => anything
        cmake -S . -B build => some build/**
        cmake --build build --target install => anything
        gcc -o /out/a a.c => only /out/a
        ",
    );
}

#[test]
fn what_builders_write() {
    check(
        written,
        "
        go build -o /app/server ./cmd => only /app/server
        go build -ldflags '-s -w' -o=bin/a . => only bin/a
        go build ./... => some /**
        go install ./... => only /go/**
        GOBIN=/out go install ./... => only /out/**
        go generate ./... => anything
        cargo build --release => some target/**
        cargo build --target-dir /t --release => some /t/**
        CARGO_TARGET_DIR=/t cargo +nightly build => some /t/**
        cargo install --root /out --path . => only /out/**
        npm ci => some node_modules/**
        npm --prefix web ci => some web/node_modules/**
        npm install -g pnpm => only /usr/**, /etc/**, /var/**, /lib/**, /lib64/**, /bin/**, /sbin/**, /opt/**
        npm run build => some
        npm run build -- --outDir /x => some
        yarn => some node_modules/**
        pnpm deploy --prod /prod/api => only /prod/api/**
        pnpm --filter api deploy --prod $OUT => only $OUT/**
        npx vite build --outDir /out => some /out/**
        tsc --outDir dist => some dist/**
        hugo -d /out --minify => some /out/**
        node build.js => anything
        mvn package -DskipTests => some target/**
        ./gradlew build => some build/**
        javac -d out A.java => only out/**
        java -Djarmode=layertools -jar a.jar extract --destination x => only x/**
        dotnet publish -c Release -o /app => some /app/**
        dotnet publish a.csproj --output=/app => some /app/**
        dotnet restore => some /root/.nuget/**
        pip install -r requirements.txt => some /usr/**
        pip install --prefix=/install -r r.txt => only /install/**
        pip install --user x => only /root/.local/**
        pip wheel -w /wheels . => only /wheels/**
        python -m venv /venv => only /venv/**
        uv sync --frozen => some .venv/**
        poetry install => anything
        python -m build --wheel -o /dist => only /dist/**
        composer install --no-dev => some vendor/**
        bundle install => some /usr/local/bundle/**
        ",
    );
}

#[test]
fn what_dependencies_are_installed() {
    check(
        |call| match dependencies(call) {
            None => "-".to_owned(),
            Some(found) => {
                let manifest = |manifest: &Manifest| match manifest {
                    Manifest::Usual(name) => (*name).to_owned(),
                    Manifest::Named(operand) => value(operand.value()),
                };
                let manifests: Vec<_> = found.manifests.iter().map(manifest).collect();
                let sources = if found.sources { " and sources" } else { "" };
                format!("{:?} {}{sources}", found.dev, manifests.join(" "))
            }
        },
        "
        npm ci => Included package*.json
        npm ci --omit=dev => Left package*.json
        npm ci --omit dev => Left package*.json
        npm install --only=production --no-audit => Left package*.json
        npm install --production=false => Included package*.json
        NODE_ENV=production npm ci => Left package*.json
        NODE_ENV=$NODE_ENV npm ci => Unknown package*.json
        NODE_ENV=production npm ci --include=dev => Included package*.json
        npm install express => -
        npm install -g pnpm => -
        npm run build => -
        yarn => Included package.json yarn.lock
        yarn install --frozen-lockfile --production => Left package.json yarn.lock
        yarn add x => -
        pnpm i --frozen-lockfile --prod => Left package.json pnpm-lock.yaml pnpm-workspace.yaml
        pnpm fetch => Included package.json pnpm-lock.yaml pnpm-workspace.yaml
        bun install -p => Left package.json bun.lock*
        pip install -r requirements/prod.txt => Unknown requirements/prod.txt
        pip install --no-cache-dir --requirement=a.txt => Unknown a.txt
        pip install flask => -
        pip install --upgrade pip -r a.txt => Unknown a.txt
        pip install . => Unknown pyproject.toml setup.py setup.cfg and sources
        pip install ./a.whl => -
        poetry install --no-root --only main => Left pyproject.toml poetry.lock
        poetry install --without dev,test --no-root => Left pyproject.toml poetry.lock
        poetry install => Included pyproject.toml poetry.lock and sources
        uv sync --frozen --no-dev --no-install-project => Left pyproject.toml uv.lock
        uv sync => Included pyproject.toml uv.lock and sources
        uv pip install --system -r a.txt => Unknown a.txt
        go mod download => Unknown go.mod go.sum
        go mod download x@v1 => -
        cargo fetch => Unknown Cargo.toml Cargo.lock
        cargo build => -
        bundle install => Included Gemfile Gemfile.lock
        BUNDLE_WITHOUT=development:test bundle install => Left Gemfile Gemfile.lock
        bundle config set without dev => -
        composer install --no-dev --no-scripts => Left composer.json composer.lock
        composer install => Included composer.json composer.lock and sources
        composer require x => -
        dotnet restore => Unknown *.sln *.csproj
        mvn -B dependency:go-offline => Unknown pom.xml
        mvn dependency:resolve package => -
        mix deps.get --only prod => Left mix.exs mix.lock
        ",
    );
}

#[test]
fn what_is_pruned() {
    check(
        |call| prunes(call).map_or("-".to_owned(), |found| format!("{found:?}")),
        "
        npm prune --omit=dev => Node
        npm prune --production => Node
        npm prune => -
        npm ci => -
        yarn install --production => Node
        yarn workspaces focus --production => Node
        yarn workspaces focus --all --production => Node
        yarn workspaces focus => -
        pnpm prune --prod => Node
        pnpm --filter=api deploy --prod /out => Node
        rm -rf node_modules => Node
        rm -rf /app/node_modules src => Node
        composer install --no-dev => Php
        ",
    );
}

#[test]
fn what_packages_are_asked_for() {
    check(
        |call| match packages(call) {
            None => "-".to_owned(),
            Some(found) => {
                let names: Vec<_> = found.packages.iter().map(|package| package.name).collect();
                let more = if found.complete { "" } else { " and more" };
                format!("{:?} {:?} {}{more}", found.manager, found.action, names.join(" ")).trim_end().to_owned()
            }
        },
        "
        apt-get update => Apt Update
        apt-get install -y --no-install-recommends curl=7.* git => Apt Install curl git and more
        apt-get install -y -t bookworm-backports -o A=b git libc6:arm64 ./a.deb => Apt Install git libc6
        apt-get install $PACKAGES git => Apt Install git and more
        apt-get -qq clean => Apt Clean
        apt-get purge -y --auto-remove git => Apt Remove git
        apk add --no-cache --virtual .deps gcc~12 musl-dev@edge 'openssl>3' => Apk Install gcc musl-dev openssl
        apk --no-cache add git => Apk Install git
        apk del .deps => Apk Remove .deps
        dnf install -y --setopt=a=b --enablerepo x git => Rpm Install git
        microdnf install git => Rpm Install git
        yum clean all => Rpm Clean all
        pacman -Syu --noconfirm git => Pacman Install git
        pacman -Sy => Pacman Update
        zypper -n in git => Zypper Install git
        npm install => -
        ",
    );
}

#[test]
fn what_tests() {
    check(
        |call| tests(call).to_string(),
        "
        npm test => true
        npm run test:unit => true
        npm run lint => true
        npm run build => false
        yarn test => true
        pytest -q => true
        python -m unittest => true
        python manage.py test => true
        go test ./... => true
        go build => false
        cargo clippy => true
        cargo +nightly test => true
        mvn verify => true
        mvn verify -DskipTests => false
        ./gradlew :app:test => false
        gradle check => true
        dotnet test => true
        bundle exec rspec => true
        make test => true
        make -j4 check => true
        make all => false
        golangci-lint run => true
        golangci-lint --version => false
        composer check-platform-reqs => false
        vendor/bin/phpunit => true
        test -f x => false
        ",
    );
}

#[test]
fn what_compiles() {
    check(
        |call| match compiles(call) {
            None => "-".to_owned(),
            Some(found) => {
                let mut text = match found.product {
                    Product::Native(compiler) => format!("{compiler:?}"),
                    product => format!("{product:?}"),
                };
                let facts = [
                    (found.statically, " static"),
                    (found.crossed, " crossed"),
                    (found.unclear, " unclear"),
                    (found.self_contained, " self-contained"),
                ];
                facts.iter().filter(|fact| fact.0).for_each(|fact| text += fact.1);
                text + &found
                    .target
                    .map(|target| format!(" for {}", value(target.value())))
                    .unwrap_or_default()
            }
        },
        r#"
        go build -o /a . => Go
        CGO_ENABLED=0 go build -o /a => Go static
        CGO_ENABLED=$CGO go build -o /a => Go unclear
        CGO_ENABLED=0 GOOS=linux GOARCH=$TARGETARCH go build -o $OUT => Go static crossed
        go build -ldflags '-s -w -extldflags "-static"' . => Go static
        go build -ldflags "-X main.version=$VERSION -s" -o /a ./cmd/$APP => Go
        go build -ldflags "$LDFLAGS" . => Go unclear
        go build -tags netgo,osusergo . => Go static
        xx-go build -o /a => Go crossed
        go mod download => -
        cargo build --release => Rust
        cargo build --release --target x86_64-unknown-linux-musl => Rust static crossed for x86_64-unknown-linux-musl
        cargo build --target $T => Rust crossed unclear for $T
        cargo build --target $ARCH-unknown-linux-gnu => Rust crossed for $ARCH-unknown-linux-gnu
        RUSTFLAGS='-C target-feature=+crt-static' cargo build => Rust static
        cargo build --target wasm32-wasi => Neutral crossed for wasm32-wasi
        cargo fetch => -
        gcc -o a a.c => C
        gcc -static -o a a.c => C static
        gcc $CFLAGS -o a a.c => C unclear
        make => C unclear
        dotnet publish -c Release -o /app => Neutral
        dotnet publish -r linux-musl-x64 --self-contained true => Dotnet crossed self-contained for linux-musl-x64
        dotnet publish -a $TARGETARCH -o /app => Neutral crossed
        dotnet publish -r linux-x64 --self-contained false => Dotnet crossed for linux-x64
        mvn -B package => Neutral
        mvn dependency:go-offline => -
        npm run build => Neutral
        yarn build => Neutral
        npx tsc => Neutral
        npx vite build => Neutral
        npx vite preview => -
        "#,
    );
}

#[test]
fn what_accounts_are_made() {
    check(
        |call| {
            let shown = |account: &Account| {
                let mut text = format!("{:?} {}", account.kind, value(account.name));
                let fields = [("id", account.id), ("group", account.group), ("home", account.home)];
                for (name, found) in fields {
                    text += &found.map(|found| format!(" {name}={}", value(found))).unwrap_or_default();
                }
                if !account.groups.is_empty() || !account.groups_known {
                    text += &format!(
                        " in {}{}",
                        account.groups.join("+"),
                        if account.groups_known { "" } else { "?" }
                    );
                }
                if account.created { text } else { format!("old {text}") }
            };
            accounts(call).iter().map(shown).collect::<Vec<_>>().join(", ")
        },
        r#"
        useradd -m -u 1000 -g app -s /bin/sh app => User app id=1000 group=app
        useradd -rm -d /srv -G sudo,docker app => User app home=/srv in sudo+docker
        useradd --uid=$UID --create-home $USER => User $USER id=$UID
        groupadd -r -g 999 app => Group app id=999
        groupadd --gid $GID app => Group app id=$GID
        usermod -aG docker app => old User app in docker
        usermod -a -G $G app => old User app in ?
        adduser -D -u 1000 -G app -h /srv app => User app id=1000 group=app home=/srv
        adduser -S -D -H -s /sbin/nologin -g 'A comment' app => User app
        adduser --disabled-password --gecos '' --uid 5 app => User app id=5
        adduser --system --group app => User app
        adduser --system --ingroup a app => User app group=a
        adduser app docker => old User app in docker
        adduser -u 5 -S app -G grp => User app id=5 group=grp
        addgroup -g 5 -S app => Group app id=5
        addgroup app docker => old User app in docker
        addgroup --gid 5 --system app => Group app id=5
        gpasswd -a app docker => old User app in docker
        echo 'app:x:10:11::/home/app:/bin/sh' >> /etc/passwd => User app id=10 group=11 home=/home/app
        echo app:x:10: >> /etc/group => Group app id=10
        echo app:x:10: => 
        "#,
    );
}

#[test]
fn what_is_deprecated() {
    fn fixed(call: Call) -> String {
        let Some(found) = deprecated(call) else { return "-".to_owned() };
        let edits: Vec<_> =
            found.edits.iter().map(|(range, new)| format!("{}..{} {new}", range.start, range.end)).collect();
        format!("{}: {}", found.old, edits.join(", "))
    }
    check(
        fixed,
        "
        npm ci --only=production => --only=production: 7..24 --omit=dev
        npm prune --production => --production: 10..22 --omit=dev
        npm ci --only prod => --only production: 7..18 --omit=dev
        npm ci --omit=dev => -
        npm run build --production => -
        npm run install -- --production => -
        yarn install --production => -
        docker scan x => scan: 7..11 scout
        java -Djarmode=layertools -jar a.jar extract --destination x => -Djarmode=layertools: 5..25 -Djarmode=tools, 37..44 extract --layers --launcher
        ",
    );
}
