"""Opens the HTML export in headless Chromium: marks, tooltips and timeline are there, nothing is fetched, nothing runs.

  page.py KARUTA FOLDER [PNG]     with PNG: also writes a picture of the example there

Without chromium and its driver, which apt-get installs where it may, this says so and passes.
"""
import base64, contextlib, json, os, shutil, socket, subprocess, sys, time, urllib.request

karuta, folder = sys.argv[1:3]
picture = sys.argv[3] if len(sys.argv) > 3 else None
EXAMPLE = {"id": "記載例", "date": "2024-05-04", "text": """S) 昨夜から39度以上の発熱あり。咳嗽（＋）、嘔気(-)。3日前に鼻汁。
O) BT39.2 BP 98/60, P 112整, SpO2 94%(RA)
   WBC 12,300 CRP 8.4 Plt 15.2万 尿蛋白（±）
   5/2 胸部Xp：右下肺野に浸潤影
A/P) 肺炎疑い。父が高血圧。右橈骨遠位端骨折の術後。
   セフトリアキソン 2g 1日1回 点滴開始。カロナール500mg 1錠 発熱時頓用
   明日 胸部CT。ペニシリンで発疹。<script>alert(1)</script>
"""}

def find(*names):
    return next((shutil.which(n) for n in names if shutil.which(n)), None)

if not find("chromedriver") and find("apt-get") and os.geteuid() == 0:
    subprocess.run(["apt-get", "install", "-y", "-q", "chromium", "chromium-driver", "fonts-noto-cjk"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
chromium, driver = find("chromium", "chromium-browser", "google-chrome"), find("chromedriver")
if not chromium or not driver:
    print("chromium or its driver is not there: the page is not opened")
    sys.exit(0)

notes, page = os.path.join(folder, "page.jsonl"), os.path.join(folder, "page.html")
with open(notes, "w", encoding="utf-8") as f:
    f.write(json.dumps(EXAMPLE, ensure_ascii=False) + "\n")
subprocess.run([karuta, "export", "--format", "html", "--input-format", "jsonl", notes, "-o", page], check=True)

with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
process = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
base = f"http://127.0.0.1:{port}"
failed = []

def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=data, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as r:
        return json.load(r)["value"]

def check(ok, what):
    print("ok" if ok else "FAILED", what)
    if not ok:
        failed.append(what)

try:
    for _ in range(100):
        with contextlib.suppress(OSError):
            call("GET", "/status")
            break
        time.sleep(0.1)
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
                 "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars", "--window-size=1100,1500", "--lang=ja"]
    session = call("POST", "/session", {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"binary": chromium, "args": arguments}}}})["sessionId"]
    s = f"/session/{session}"
    call("POST", s + "/url", {"url": "file://" + os.path.abspath(page)})
    run = lambda script: call("POST", s + "/execute/sync", {"script": "return " + script, "args": []})
    check(run("document.querySelectorAll('mark').length") > 12, "facts are marked")
    check(run("document.getElementById('note').textContent.includes('<script>alert(1)</script>')"), "text of the note is text")
    check(run("document.scripts.length") == 0, "no script is in the page")
    check(run("performance.getEntriesByType('resource').length") == 0, "nothing was fetched")
    check(run("[...document.querySelectorAll('mark > .tip')].every(t => getComputedStyle(t).display === 'none')"), "tooltips are hidden at first")
    find_mark = "[...document.querySelectorAll('mark')].find(m => m.firstChild.textContent.includes('BT39.2'))"
    element = run(find_mark)
    key = next(iter(element.values()))
    call("POST", s + "/actions", {"actions": [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [{"type": "pointerMove", "duration": 50, "x": 0, "y": 0, "origin": element}]}]})
    check(run(f"getComputedStyle({find_mark}.querySelector('.tip')).display") == "block", "a tooltip shows under the pointer")
    tip = run(f"{find_mark}.querySelector('.tip').textContent")
    check("8310-5" in tip and "体温" in tip and "根拠" in tip, f"it tells name, code and reason: {tip[:90]}")
    if picture:
        with open(picture, "wb") as f:
            f.write(base64.b64decode(call("GET", s + "/screenshot")))
    run(f"{find_mark}.focus()")
    check(run(f"document.activeElement === {find_mark}"), "marks are reached by keyboard")
    check(run("document.querySelectorAll('#timeline time').length") >= 2, "the timeline has days")
    check(run("document.querySelectorAll('svg.drawn').length") == 2, "timeline and graph are drawn")
    check(run("document.querySelectorAll('svg.drawn path.edge').length") > 0, "the graph has edges")
    check(run("document.querySelectorAll('mark.absent').length") > 0, "what is denied is told apart")
    check("診断をするものではありません" in run("document.querySelector('.notice').textContent"), "the notice is there")
    ids = run("[...document.querySelectorAll('[id]')].map(e => e.id)")
    check(len(ids) == len(set(ids)), "ids are unique")
    check(run("[...document.querySelectorAll('a[href^=\"#\"]')].every(a => document.getElementById(a.hash.slice(1)))"), "links lead somewhere")
    call("DELETE", s)
finally:
    process.terminate()
    process.wait(10)
sys.exit(1 if failed else 0)
