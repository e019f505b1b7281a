#include "tree_sitter/parser.h"
#include "tree_sitter/alloc.h"
#include <string.h>
enum { NL, CONT, CONT_COMMENT, COMMENT, HD_MARKER, HD_NL, HD_CONTENT, HD_END, ERR };
#define MAXHD 8
#define MAXNAME 64
typedef struct { char esc; uint8_t dir, cont, ls, in_hd, n; struct { uint8_t strip, len; char name[MAXNAME]; } q[MAXHD]; } S;
void *tree_sitter_dockerfile_external_scanner_create(void){ S*s=ts_calloc(1,sizeof(S)); s->esc='\\'; return s; }
void tree_sitter_dockerfile_external_scanner_destroy(void*p){ ts_free(p); }
unsigned tree_sitter_dockerfile_external_scanner_serialize(void*p,char*b){ S*s=p; unsigned o=0; b[o++]=s->esc;b[o++]=s->dir;b[o++]=s->cont;b[o++]=s->ls;b[o++]=s->in_hd;b[o++]=s->n;
  for(int i=0;i<s->n;i++){ b[o++]=s->q[i].strip;b[o++]=s->q[i].len; memcpy(b+o,s->q[i].name,s->q[i].len); o+=s->q[i].len; } return o; }
void tree_sitter_dockerfile_external_scanner_deserialize(void*p,const char*b,unsigned l){ S*s=p; memset(s,0,sizeof *s); s->esc='\\'; if(!l) return; unsigned o=0; s->esc=b[o++];s->dir=b[o++];s->cont=b[o++];s->ls=b[o++];s->in_hd=b[o++];s->n=b[o++];
  for(int i=0;i<s->n;i++){ s->q[i].strip=b[o++];s->q[i].len=(uint8_t)b[o++]; memcpy(s->q[i].name,b+o,s->q[i].len); o+=s->q[i].len; } }
static void adv(TSLexer*l){ l->advance(l,false); }
static bool blank(int32_t c){ return c==' '||c=='\t'||c=='\f'||c=='\v'||c==0xfeff; }
static bool eol(TSLexer*l){ return l->lookahead=='\n'||l->lookahead=='\r'||(l->lookahead==0&&l->eof(l)); }
static bool nl(TSLexer*l){ if(l->lookahead=='\r') adv(l); if(l->lookahead=='\n'){adv(l);return true;} return false; }
static void pop(S*s){ memmove(s->q,s->q+1,sizeof(s->q[0])*(MAXHD-1)); s->n--; s->in_hd=0; }
/* after a continuation newline: is the following physical line blank or a comment (=still inside the continuation)? */
static void peek_cont(S*s,TSLexer*l){ s->cont=0; s->ls=(l->lookahead=='<'||(l->lookahead>='0'&&l->lookahead<='9')); while(blank(l->lookahead)) adv(l); if(l->lookahead=='#'||l->lookahead=='\n'||l->lookahead=='\r') s->cont=1; }
bool tree_sitter_dockerfile_external_scanner_scan(void*p,TSLexer*l,const bool*v){ S*s=p;
  if(s->in_hd&&s->n>0&&(v[HD_END]||v[HD_CONTENT])){
      bool any=false; l->mark_end(l);
      for(;;){
        if(l->eof(l)){ if(!any||!v[HD_CONTENT]) return false; l->mark_end(l); l->result_symbol=HD_CONTENT; while(s->n) pop(s); return true; }
        if(s->q[0].strip) while(l->lookahead=='\t') adv(l);
        unsigned i=0; while(i<s->q[0].len&&l->lookahead==(unsigned char)s->q[0].name[i]&&!l->eof(l)){adv(l);i++;}
        if(i==s->q[0].len&&eol(l)){ if(any){ l->result_symbol=HD_CONTENT; return true; } l->mark_end(l); l->result_symbol=HD_END; pop(s); return true; }
        while(!l->eof(l)&&l->lookahead!='\n') adv(l);
        if(l->lookahead=='\n') adv(l);
        any=true; l->mark_end(l);
      } }
  bool sk=false; while(blank(l->lookahead)){ l->advance(l,true); sk=true; }
  int32_t c=l->lookahead;
  if(s->cont&&v[CONT]&&(c=='#'||c=='\n'||c=='\r')){ // blank or comment line inside a continuation
    if(c=='#'){ while(l->lookahead!='\n'&&!(l->lookahead==0&&l->eof(l))) adv(l); if(l->lookahead=='\n') adv(l); l->mark_end(l); peek_cont(s,l); l->result_symbol=CONT_COMMENT; return true; }
    if(!nl(l)) return false; l->mark_end(l); peek_cont(s,l); l->result_symbol=CONT; return true; }
  if(c=='#'&&v[COMMENT]&&!v[ERR]){
    char key[16],val=0; int k=0; adv(l);
    if(s->dir==0){ while(blank(l->lookahead)) adv(l); while(k<15&&((l->lookahead|32)>='a'&&(l->lookahead|32)<='z')){key[k++]=(char)(l->lookahead|32);adv(l);} key[k]=0; while(blank(l->lookahead)) adv(l);
      if(l->lookahead=='='&&(!strcmp(key,"escape")||!strcmp(key,"syntax")||!strcmp(key,"check"))){ adv(l); while(blank(l->lookahead)) adv(l); val=(char)l->lookahead; if(!strcmp(key,"escape")&&(val=='`'||val=='\\')) s->esc=val; s->dir=1; } else s->dir=2; }
    l->mark_end(l);
    while(l->lookahead!='\n'&&!(l->lookahead==0&&l->eof(l))){ bool cr=l->lookahead=='\r'; adv(l); if(!(cr&&l->lookahead=='\n')) l->mark_end(l); }
    l->result_symbol=COMMENT; return true; }
  if(c=='\n'||c=='\r'){
    if(!nl(l)) return false; l->mark_end(l);
    if(s->n>0&&v[HD_NL]){ s->in_hd=1; l->result_symbol=HD_NL; return true; }
    if(v[NL]){ s->cont=0; s->ls=0; s->n=0; s->in_hd=0; s->dir= s->dir==1?0:2; l->result_symbol=NL; return true; }
    return false; }
  if(c==s->esc&&v[CONT]){ adv(l); while(l->lookahead==' '||l->lookahead=='\t') adv(l); if(l->lookahead!='\n'&&l->lookahead!='\r') return false; if(!nl(l)) return false; l->mark_end(l); if(s->dir==0) s->dir=2; peek_cont(s,l); l->result_symbol=CONT; return true; }
  if(v[HD_MARKER]&&!v[ERR]&&(sk||s->ls)&&(c=='<'||(c>='0'&&c<='9'))&&s->n<MAXHD){
    while(l->lookahead>='0'&&l->lookahead<='9') adv(l); if(l->lookahead!='<') return false; adv(l); if(l->lookahead!='<') return false; adv(l);
    uint8_t strip=0; if(l->lookahead=='-'){strip=1;adv(l);} char nm[MAXNAME]; int n=0; int32_t q=0;
    for(;;){ int32_t d=l->lookahead; if(eol(l)) break; if(!q&&blank(d)) break; if(d=='<') return false; if(d=='"'||d=='\''){ if(q==d) q=0; else if(!q) q=d; else return false; adv(l); continue; } if(n>=MAXNAME-1||d>127) return false; nm[n++]=(char)d; adv(l); }
    if(q||!n) return false; l->mark_end(l); s->ls=0; s->q[s->n].strip=strip; s->q[s->n].len=(uint8_t)n; memcpy(s->q[s->n].name,nm,n); s->n++; l->result_symbol=HD_MARKER; return true; }
  return false; }
