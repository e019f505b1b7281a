FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:{{1:10.0}} AS build
WORKDIR /src
ARG TARGETARCH
COPY {{2:App}}.csproj ./
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet restore -a $TARGETARCH
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish {{2}}.csproj -a $TARGETARCH -c Release -o /out

FROM mcr.microsoft.com/dotnet/aspnet:{{1}} AS runtime
WORKDIR /app
COPY --from=build /out ./
USER $APP_UID
EXPOSE {{3:8080}}
ENTRYPOINT ["dotnet", "{{2}}.dll"]
