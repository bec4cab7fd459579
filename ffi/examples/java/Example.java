/** javac -cp jna.jar Karuta.java Example.java && java -cp jna.jar:. -Djna.library.path=PREFIX/lib Example */
public final class Example {
    public static void main(String[] args) throws InterruptedException {
        try (Karuta karuta = new Karuta()) {
            try (Karuta.Worker worker = karuta.worker()) {
                String text = "😷BT39.2 咳嗽（－）";
                String json = worker.structure(text, "2024-05-04");
                if (!json.contains("\"text\":\"BT39.2\",\"start\":2,\"end\":8")) throw new AssertionError(json);
                System.out.println(text.substring(2, 8));
                // half of a pair, as a cut of a fixed length leaves it
                if (!worker.structure("咳嗽\uD83D", null).contains("咳嗽")) throw new AssertionError();
                System.out.println(worker.structure("昨日から発熱", "2024-05-04").contains("2024-05-03"));
            }
            Thread[] threads = new Thread[8];
            for (int i = 0; i < threads.length; i++) {
                threads[i] = new Thread(() -> {
                    try (Karuta.Worker worker = karuta.worker()) {
                        for (int n = 0; n < 50; n++) if (!worker.structure("WBC 12,300", null).contains("12300")) throw new AssertionError();
                    }
                });
                threads[i].start();
            }
            for (Thread t : threads) t.join();
            System.out.println(karuta.code("右橈骨遠位端骨折の術後").contains("CJTR"));
        }
        try (Karuta missing = new Karuta("/nowhere/official.kpack")) {
            throw new AssertionError("a pack that is not there was opened");
        } catch (Karuta.KarutaException e) {
            System.out.println(e.code + " " + e.getMessage());
        }
    }
}
